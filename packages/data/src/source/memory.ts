import { baseName, joinName, normalPath } from "./names.js";
import type { FileSource, FolderSource } from "./source.js";

/** Bytes as a file. @param name - With the extension that tells its format. */
export function fileOfBytes(name: string, bytes: Uint8Array): FileSource {
  return {
    kind: "file",
    name: baseName(name),
    path: name,
    size: () => Promise.resolve(bytes.length),
    bytes: () => Promise.resolve(bytes),
    slice: (start, end) => Promise.resolve(bytes.subarray(start, end)),
    async *stream() {
      yield bytes;
    },
  };
}

/**
 * Files as the folder that they stand in: those that a user dropped or chose with
 * `<input webkitdirectory>`, or the files of an archive.
 *
 * @param files - By their path below the folder, with `/` between names.
 */
export function folderOfFiles(name: string, files: ReadonlyMap<string, FileSource>): FolderSource {
  const placed = new Map<string, FileSource>();
  for (const [path, file] of files) {
    const normal = normalPath(path);
    if (normal !== undefined) placed.set(normal, file);
  }
  return folderAt(name, "", placed);
}

function folderAt(
  name: string,
  place: string,
  files: ReadonlyMap<string, FileSource>,
): FolderSource {
  const folder: FolderSource = {
    kind: "folder",
    name,
    path: place || name,
    async *entries() {
      const seen = new Set<string>();
      const start = place === "" ? 0 : place.length + 1;
      for (const [path, file] of files) {
        if (!path.startsWith(place) || (start > 0 && path[start - 1] !== "/")) continue;
        const end = path.indexOf("/", start);
        if (end === -1) {
          yield placedAt(file, path, folder);
        } else if (!seen.has(path.slice(start, end))) {
          seen.add(path.slice(start, end));
          yield folderAt(path.slice(start, end), path.slice(0, end), files);
        }
      }
    },
    find: async (wanted) => {
      const path = normalPath(joinName(place, wanted));
      const file = path === undefined ? undefined : files.get(path);
      if (path === undefined || file === undefined) return undefined;
      const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      return placedAt(file, path, folderAt(baseName(parent), parent, files));
    },
  };
  return folder;
}

function placedAt(file: FileSource, path: string, folder: FolderSource): FileSource {
  return {
    kind: "file",
    name: baseName(path),
    path,
    folder,
    size: () => file.size(),
    bytes: () => file.bytes(),
    slice: (start, end) => file.slice(start, end),
    stream: () => file.stream(),
  };
}
