import { visible } from "./visible.js";

/**
 * A string literal for a program. JavaScript, TypeScript and Python read it as the same text: it is in
 * double quotes, on one line, and every escape in it is one that these languages share.
 */
export function sourceString(text: string): string {
  return `"${visible(text.replace(/["\\]/g, "\\$&"))}"`;
}

/**
 * JSON on one line that a terminal can show: `JSON.stringify` with hidden characters as `\u` escapes.
 * `JSON.parse` gives the same value.
 *
 * @param value - An object, array, string, number, boolean or null.
 */
export function printableJson(value: object | string | number | boolean | null): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
