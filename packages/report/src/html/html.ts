import { escapeHtml, visibleFlow } from "@engraft/core/escape";

/** HTML that may stand in a page as it is. Only {@link html} and {@link markup} make it. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/**
 * What {@link html} takes: HTML stays as it is, nothing comes of `undefined` and `false`, and all else
 * is text and is escaped.
 */
export type Content = Html | string | number | false | undefined | readonly Content[];

/**
 * A piece of a page. Values are escaped, so that whatever a label or a text holds is shown and never
 * read as markup: html`<td title="${label}">${text}</td>`. Values belong into text and into quoted
 * attributes only.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(
    strings.reduce((page, string, index) => page + sourceOf(values[index - 1]) + string),
  );
}

/**
 * The source of a whole page. Characters that HTML may not hold, and those that a browser obeys instead
 * of showing them, are shown as escapes, wherever they stand: `\x1b`, `\u202e`.
 */
export function pageSource({ source }: Html): string {
  return visibleFlow(source).replace(NON_CHARACTERS, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

const NON_CHARACTERS = /\p{Noncharacter_Code_Point}/gu;

/** Takes the output of a library that escapes by itself for HTML. */
export function markup(source: string): Html {
  return new Html(source);
}

function sourceOf(value: Content): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.source;
  if (typeof value === "object") return value.map(sourceOf).join("");
  return escapeHtml(String(value));
}
