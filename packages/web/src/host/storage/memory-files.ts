import type { KeptFiles } from "./kept-files.js";

/** Files in memory, for browsers that keep none: private windows of some of them. */
export function memoryFiles(): KeptFiles {
  const files = new Map<string, Uint8Array>();
  return {
    where: "memory",
    read: (path) => Promise.resolve(files.get(path)),
    write: (path, bytes) => {
      files.set(path, bytes);
      return Promise.resolve();
    },
    list: (folder) =>
      Promise.resolve(
        Array.from(files, ([path, bytes]) => ({ path, bytes: bytes.length })).filter(({ path }) =>
          path.startsWith(`${folder}/`),
        ),
      ),
    remove: (path) => {
      for (const name of files.keys()) {
        if (name === path || name.startsWith(`${path}/`)) files.delete(name);
      }
      return Promise.resolve();
    },
  };
}
