import { type Checked, checkText, tooManyBytes } from "../cells/cells.js";
import { unreadable } from "../problems.js";
import { extensionOf } from "../source/names.js";
import { type NamedFile, reasonOf } from "../source/source.js";
import { fileText } from "./encoding.js";

/** The extension of a file that is one text. */
export const TEXT_EXTENSION = ".txt";

/** Whether a file is one text, by its name. */
export function isTextFile(name: string): boolean {
  return extensionOf(name) === TEXT_EXTENSION;
}

/** Reads a file that is one text. Throws a DataError when it cannot be read or decoded. */
export async function readTextFile(file: NamedFile, maxBytes: number): Promise<Checked<string>> {
  const { source, name } = file;
  const size = await source.size().catch((error: unknown) => {
    throw unreadable(name, reasonOf(error), error);
  });
  // In UTF-16 a text has at most twice as many bytes as in UTF-8.
  if (size > 2 * maxBytes) return { problem: tooManyBytes(size, maxBytes) };
  const pieces: string[] = [];
  for await (const piece of fileText(source, name)) pieces.push(piece);
  return checkText(pieces.join(""), maxBytes);
}
