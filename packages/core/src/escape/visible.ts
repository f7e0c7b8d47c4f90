/**
 * Characters that a terminal or an editor obeys or hides instead of showing them: controls (C0, C1,
 * DEL), line and paragraph separators, overrides of the writing direction, zero-width spaces, and
 * halves of surrogate pairs.
 */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]/gu;

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/**
 * A text on one line, with every hidden character written as an escape: `\n`, `\x1b`, `\u202e`. A
 * backslash stays as it is, so this is for reading only; {@link sourceString} can be read back.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, escapeOf);
}

/** {@link visible} for a text of several lines: its line ends (`\n`) stay. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character === "\n" ? character : escapeOf(character),
  );
}

/** {@link visible} for a text that is laid out by its reader: its line ends and tabs stay. */
export function visibleFlow(text: string): string {
  return text.replace(HIDDEN, (character) =>
    SHORT.has(character) ? character : escapeOf(character),
  );
}

/** The escape of one UTF-16 unit, in the form that JavaScript and Python share. */
function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return (
    SHORT.get(character) ??
    (code < 0x80 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`)
  );
}
