/** Node's disk as sources of data: what is at a path, opened when it is read. */

import { constants } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BadEntry,
  type FileSource,
  type FolderSource,
  SourceError,
  type UrlLike,
} from "@engraft/data";

/** Bytes that are read at a time. */
const PIECE = 65_536;

/** A file at a path. Pipes and devices, which may never answer, are refused when they are read. */
export class DiskFile implements FileSource {
  readonly kind = "file";
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get name(): string {
    return basename(this.path);
  }

  get folder(): FolderSource {
    return new DiskFolder(dirname(this.path));
  }

  size(): Promise<number> {
    return withFile(this.path, async (file) => (await file.stat()).size);
  }

  bytes(): Promise<Uint8Array> {
    return withFile(this.path, (file) => file.readFile());
  }

  slice(start: number, end: number): Promise<Uint8Array> {
    return withFile(this.path, async (file) => {
      const bytes = new Uint8Array(end - start);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, start + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    });
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const file = await openFile(this.path);
    try {
      for (;;) {
        const bytes = new Uint8Array(PIECE);
        const { bytesRead } = await file.read(bytes, 0, PIECE).catch((error: unknown) => {
          throw toSourceError(error);
        });
        if (bytesRead === 0) return;
        yield bytes.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
}

/** A folder at a path. Links are followed. */
export class DiskFolder implements FolderSource {
  readonly kind = "folder";
  readonly path: string;
  readonly isLink: boolean;

  constructor(path: string, isLink = false) {
    this.path = path;
    this.isLink = isLink;
  }

  get name(): string {
    return basename(resolve(this.path));
  }

  async *entries(): AsyncGenerator<FileSource | FolderSource | BadEntry> {
    const entries = await readdir(this.path, { withFileTypes: true }).catch((error: unknown) => {
      throw toSourceError(error);
    });
    for (const entry of entries) {
      const { name } = entry;
      const path = join(this.path, name);
      try {
        const target = entry.isSymbolicLink() ? await stat(path) : entry;
        if (target.isDirectory()) yield new DiskFolder(path, target !== entry);
        else if (target.isFile()) yield new DiskFile(path);
        else yield { kind: "bad", name, problem: NEITHER };
      } catch (error) {
        yield { kind: "bad", name, problem: reason(error) };
      }
    }
  }

  /** A file that is there and may not be looked at is found: it says why when it is read. */
  async find(path: string): Promise<FileSource | undefined> {
    const target = resolve(this.path, path);
    const below = relative(resolve(this.path), target);
    const isInside = below !== "" && !isAbsolute(below) && !/^\.\.(?:[\\/]|$)/.test(below);
    const found = await stat(target).catch((error: unknown) =>
      isMissing(error) ? "missing" : undefined,
    );
    return found === "missing"
      ? undefined
      : new DiskFile(isInside ? join(this.path, below) : target);
  }
}

/**
 * Opens what is at a path, or at a `file:` address; `undefined` where nothing is there.
 *
 * @throws SourceError where that cannot be told, or it is neither a file nor a folder.
 */
export async function openPath(
  given: string | UrlLike,
): Promise<FileSource | FolderSource | undefined> {
  const path = typeof given === "string" ? given : pathOf(given);
  const found = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw toSourceError(error);
  });
  if (found === undefined) return undefined;
  if (found.isDirectory()) return new DiskFolder(path);
  if (found.isFile()) return new DiskFile(path);
  throw new SourceError(NEITHER);
}

function pathOf({ href }: UrlLike): string {
  if (href.startsWith("file:")) return fileURLToPath(href);
  throw new SourceError("is not a file: address; download it first");
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // A pipe that nobody writes to is opened at once, too.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat();
    if (found.isFile()) return file;
    await file.close();
    throw new SourceError(found.isDirectory() ? FOLDER : NEITHER);
  } catch (error) {
    throw toSourceError(error);
  }
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    return await work(file);
  } catch (error) {
    throw toSourceError(error);
  } finally {
    await file.close();
  }
}

function toSourceError(error: unknown): SourceError {
  return error instanceof SourceError ? error : new SourceError(reason(error), { cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Nothing is there, or it is a path that nothing can have. */
function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"].includes(
    String(codeOf(error)),
  );
}

const NEITHER = "is neither a file nor a folder";
const FOLDER = "is a folder where a file was expected";

/** What the codes of the operating system mean, to follow a name. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "does not exist"],
  ["EACCES", "may not be read (permission denied)"],
  ["EPERM", "may not be read (permission denied)"],
  ["ELOOP", "cannot be reached (its symbolic links form a loop)"],
  ["EISDIR", FOLDER],
]);

function reason(error: unknown): string {
  const detail = error instanceof Error ? error.message : String(error);
  return REASONS.get(codeOf(error)) ?? `cannot be read (${detail})`;
}
