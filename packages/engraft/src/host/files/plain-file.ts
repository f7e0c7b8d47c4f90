import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { UnreadableFile } from "@engraft/tasks/predict";

/** Node reads no larger file at once. */
const MAX_BYTES = 2 ** 31 - 1;

/** How a file is read. */
export interface ReadPlainOptions {
  /** The largest size in bytes. Default: 2 GiB. */
  readonly most?: number | undefined;
  /** Whether into memory that threads share. Default: false. */
  readonly shared?: boolean | undefined;
}

/**
 * Reads a file that has an end: not a pipe, a device or a folder, which may never answer.
 *
 * @throws UnreadableFile with the reason.
 */
export async function readPlainFile(
  path: string,
  { most = MAX_BYTES, shared = false }: ReadPlainOptions = {},
): Promise<Uint8Array> {
  try {
    // A pipe that nobody writes to is opened at once, too.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await file.stat();
      requirePlain(found, most);
      return await readWhole(file, found.size, shared);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toUnreadable(error);
  }
}

/**
 * Reads a file in one call: `readFile` waits for the event loop after every 512 KB, and while code loads
 * the loop has no time.
 *
 * @param size - What the system says of the file; 0 for files that it makes when they are read.
 */
async function readWhole(file: FileHandle, size: number, shared: boolean): Promise<Uint8Array> {
  if (size === 0) return file.readFile();
  const bytes = new Uint8Array(shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  let end = 0;
  while (end < size) {
    const { bytesRead } = await file.read(bytes, end, size - end);
    if (bytesRead === 0) break;
    end += bytesRead;
  }
  return bytes.subarray(0, end);
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
