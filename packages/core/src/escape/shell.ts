import { visible } from "./visible.js";

/** One word for bash, zsh and other POSIX shells. */
export function shellWord(text: string): string {
  if (/^[\w./][\w./:@%+,=-]*$/.test(text)) return text;
  if (visible(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  // Of the forms that can hold a control character, the only one that shows it.
  return `$'${visible(text.replace(/['\\]/g, "\\$&"))}'`;
}
