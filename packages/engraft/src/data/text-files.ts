import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { type Checked, checkText, tooManyBytes } from "./cells.js";
import { decodeText, fileBytes } from "./encoding.js";
import { reason, unreadable } from "./problems.js";
import type { DataFile } from "./row.js";

/** The extension of a file that is one text. */
export const TEXT_EXTENSION = ".txt";

/** Whether a file is one text, by its name. */
export function isTextFile(name: string): boolean {
  return extname(name).toLowerCase() === TEXT_EXTENSION;
}

/** Reads a file that is one text. Throws a DataError when it cannot be read or decoded. */
export async function readTextFile(file: DataFile, maxBytes: number): Promise<Checked<string>> {
  const { size } = await stat(file.path).catch((error: unknown) => {
    throw unreadable(file.name, reason(error), error);
  });
  // In UTF-16 a text has at most twice as many bytes as in UTF-8.
  if (size > 2 * maxBytes) return { problem: tooManyBytes(size, maxBytes) };
  const pieces: string[] = [];
  for await (const piece of decodeText(fileBytes(file.path, file.name), file.name)) {
    pieces.push(piece);
  }
  return checkText(pieces.join(""), maxBytes);
}
