import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { UnreadableFile } from "@engraft/tasks/predict";

/** Node reads no larger file at once. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Reads a file that has an end: not a pipe, a device or a folder, which may never answer.
 *
 * @param most - The largest size in bytes. Default: 2 GiB.
 * @throws UnreadableFile with the reason.
 */
export async function readPlainFile(path: string, most: number = MAX_BYTES): Promise<Uint8Array> {
  try {
    // A pipe that nobody writes to is opened at once, too.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      requirePlain(await file.stat(), most);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toUnreadable(error);
  }
}

/** @throws UnreadableFile where it is no file, or larger than it may be. */
export function requirePlain(found: Stats, most: number = MAX_BYTES): void {
  if (!found.isFile()) throw new UnreadableFile(`it is ${kindOf(found)} and not a file`);
  if (found.size <= most) return;
  throw new UnreadableFile(`it has ${found.size} bytes, and no more than ${most} can be read`);
}

/** The same error in words. */
export function toUnreadable(error: unknown): UnreadableFile {
  if (error instanceof UnreadableFile) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new UnreadableFile(REASONS.get(code ?? "") ?? message, error as NodeJS.ErrnoException);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "it is missing"],
  ["EACCES", "it may not be read (EACCES: no permission)"],
  ["EPERM", "it may not be read (EPERM: no permission)"],
  ["EISDIR", "it is a folder and not a file"],
  ["ELOOP", "its symbolic links lead in a circle"],
]);

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a pipe";
  if (found.isSocket()) return "a socket";
  return "a device";
}
