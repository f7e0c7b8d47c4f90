import { visible } from "./visible.js";

/** Text that backticks hold in a paragraph and in a cell of a table: no backtick, backslash or bar. */
const PLAIN_CODE = /^(?! )[\p{L}\p{N}\p{M} _./,:;=()[\]{}+*<>'"?!%-]+(?<! )$/u;

/**
 * A text as code in a line of Markdown, also in a cell of a table: in backticks where these hold it, else
 * as an HTML element whose characters are references, which no Markdown reader takes for markup.
 */
export function markdownCode(text: string): string {
  if (PLAIN_CODE.test(text)) return `\`${text}\``;
  return `<code>${visible(text).replace(/[^A-Za-z0-9]/g, referenceInAscii)}</code>`;
}

/** A text as running text of Markdown: nothing in it becomes a link, a tag or another block. */
export function markdownText(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]<>&~|$@!#{}=^"]/g, reference)
    .replace(/^(?:[-+: ]|\d+(?=[.)]))/, (start) => start.replace(/./g, reference))
    .replace(/ $/, reference);
}

function referenceInAscii(character: string): string {
  return character <= "\x7f" ? reference(character) : character;
}

function reference(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
