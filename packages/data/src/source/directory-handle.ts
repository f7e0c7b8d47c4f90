import { type BlobLike, blobError, fileOfBlob } from "./blob.js";
import { joinName, normalPath } from "./names.js";
import type { FileSource, FolderSource } from "./source.js";

/** What is needed of a `FileSystemFileHandle`. */
export interface FileHandleLike {
  readonly kind: "file";
  readonly name: string;
  /** The file as it is now. */
  getFile(): Promise<BlobLike>;
}

/** What is needed of a `FileSystemDirectoryHandle`. */
export interface DirectoryHandleLike {
  readonly kind: "directory";
  readonly name: string;
  /** The files and folders in it. */
  values(): AsyncIterable<FileHandleLike | DirectoryHandleLike>;
  /** The folder of this name in it. */
  getDirectoryHandle(name: string): Promise<DirectoryHandleLike>;
  /** The file of this name in it. */
  getFileHandle(name: string): Promise<FileHandleLike>;
}

/** Whether a value is a directory handle of a browser. */
export function isDirectoryHandle(value: unknown): value is DirectoryHandleLike {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "directory" &&
    "getFileHandle" in value
  );
}

/** A directory handle, as `showDirectoryPicker` or the origin's private file system gives it. */
export function folderOfHandle(handle: DirectoryHandleLike): FolderSource {
  return folderBelow(handle, handle, "");
}

/** A folder at a path below the one that a user chose. */
function folderBelow(
  root: DirectoryHandleLike,
  handle: DirectoryHandleLike,
  path: string,
): FolderSource {
  const folder: FolderSource = {
    kind: "folder",
    name: handle.name,
    path: path || handle.name,
    async *entries() {
      for await (const entry of listed(handle)) {
        const inner = joinName(path, entry.name);
        if (entry.kind === "directory") yield folderBelow(root, entry, inner);
        else yield fileOfHandle(entry, inner, folder);
      }
    },
    find: (wanted) => findBelow(root, normalPath(joinName(path, wanted))),
  };
  return folder;
}

async function findBelow(
  root: DirectoryHandleLike,
  path: string | undefined,
): Promise<FileSource | undefined> {
  if (path === undefined) return undefined;
  const names = path.split("/");
  try {
    let handle = root;
    for (const name of names.slice(0, -1)) handle = await handle.getDirectoryHandle(name);
    const file = await handle.getFileHandle(names.at(-1)!);
    return fileOfHandle(file, path, folderBelow(root, handle, names.slice(0, -1).join("/")));
  } catch (error) {
    // Nothing is there, or something else, or it is a name that no file can have.
    if (error instanceof Error && MISSING.has(error.name)) return undefined;
    throw blobError(error);
  }
}

const MISSING: ReadonlySet<string> = new Set(["NotFoundError", "TypeMismatchError", "TypeError"]);

async function* listed(
  handle: DirectoryHandleLike,
): AsyncGenerator<FileHandleLike | DirectoryHandleLike> {
  try {
    yield* handle.values();
  } catch (error) {
    throw blobError(error);
  }
}

/** The file is asked for when it is read: a folder may have very many. */
function fileOfHandle(handle: FileHandleLike, path: string, folder: FolderSource): FileSource {
  const open = async (): Promise<FileSource> => {
    const blob = await handle.getFile().catch((error: unknown) => {
      throw blobError(error);
    });
    return fileOfBlob(blob, path);
  };
  return {
    kind: "file",
    name: handle.name,
    path,
    folder,
    size: async () => (await open()).size(),
    bytes: async () => (await open()).bytes(),
    slice: async (start, end) => (await open()).slice(start, end),
    async *stream() {
      yield* (await open()).stream();
    },
  };
}
