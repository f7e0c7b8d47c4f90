/**
 * What data is read from: files and folders, wherever they are. The home of a program opens them: Node
 * from paths, a browser from `File` objects and directory handles. Nothing is read before it is asked
 * for.
 */

/** A file that can be read. */
export interface FileSource {
  readonly kind: "file";
  /** Its last name, with the extension: `mails.csv`. */
  readonly name: string;
  /** Where it is, the same for the same file of a folder: a path, or the name below the folder. */
  readonly path: string;
  /** The folder that it stands in, for the files that it names. Absent where that is not known. */
  readonly folder?: FolderSource | undefined;
  /**
   * Its size in bytes.
   *
   * @throws SourceError where it cannot be read; so do the other methods.
   */
  size(): Promise<number>;
  /** All of it. */
  bytes(): Promise<Uint8Array>;
  /** The bytes from `start` up to `end`, or up to its own end where that is before. */
  slice(start: number, end: number): Promise<Uint8Array>;
  /** Its bytes, piece by piece. */
  stream(): AsyncIterable<Uint8Array>;
}

/** A folder whose entries can be listed. */
export interface FolderSource {
  readonly kind: "folder";
  /** Its last name: `photos`. */
  readonly name: string;
  /** Where it is, for messages: a path, or its name. */
  readonly path: string;
  /** Whether it was reached through a link, so that it may lead back to a folder around it. Default false. */
  readonly isLink?: boolean | undefined;
  /**
   * What is in it, in any order.
   *
   * @throws SourceError where it cannot be listed.
   */
  entries(): AsyncIterable<FileSource | FolderSource | BadEntry>;
  /**
   * The file at a place relative to this folder, with `/` between names; `undefined` where nothing is
   * there.
   */
  find(path: string): Promise<FileSource | undefined>;
}

/** An entry of a folder that is neither a file nor a folder, or that cannot be reached. */
export interface BadEntry {
  readonly kind: "bad";
  readonly name: string;
  /** What is wrong, to follow its name: `does not exist`. */
  readonly problem: string;
}

/** A file or folder cannot be read. The message says why, to follow its name: `does not exist`. */
export class SourceError extends Error {}

/** Why reading failed, to follow the name of the file or folder. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof SourceError ? message : `cannot be read (${message})`;
}

/** A file, and what messages call it: its name relative to what the user gave. */
export interface NamedFile {
  readonly source: FileSource;
  readonly name: string;
}

/** A folder, and what messages call it: its name relative to what the user gave. */
export interface NamedFolder {
  readonly source: FolderSource;
  readonly name: string;
}
