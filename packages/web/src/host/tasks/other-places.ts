import { type DirectoryHandleLike, type FolderSource, folderOfHandle } from "@engraft/data";
import { OutputError } from "@engraft/tasks/errors";
import { MANIFEST_FILE, openTaskZip, type TaskZip } from "@engraft/tasks/predict";
import { writeChosenFile } from "../files/chosen-file.js";
import { fetchFile } from "../net/fetch-file.js";
import { stateOf, type TaskPlace } from "./task-place.js";

/** A task as files on a web server. */
export function servedTask(address: string): TaskPlace {
  const folder = address.endsWith("/") ? address : `${address}/`;
  return {
    isNone: "is not the address of a task",
    read: (name) => fetchFile(new URL(name, folder).href, { revalidate: name === MANIFEST_FILE }),
    prepare: () =>
      Promise.reject(new OutputError(address, "it is a web address", "NotAllowedError")),
  };
}

/** A task in a folder that a program holds. */
export function folderTask(folder: FolderSource): TaskPlace {
  return {
    isNone: "holds no task: it has no task.json",
    read: async (name) => (await folder.find(name))?.bytes(),
    prepare: () =>
      Promise.reject(new OutputError(folder.path, "its files can only be read", "NotAllowedError")),
  };
}

/** More than any task says of itself. */
const MAX_FILE = 256 * 2 ** 20;

/** A task in one file. @param read - Reads the file, which is kept as long as the place. */
export function zipTask(read: () => Promise<Uint8Array>): TaskPlace {
  let opening: Promise<TaskZip> | undefined;
  return {
    isNone: "is not a task in one file",
    async read(name, most = MAX_FILE) {
      opening ??= read().then(openTaskZip);
      return (await opening).read(name, most);
    },
    prepare: () =>
      Promise.reject(new OutputError("a file", "it can only be read", "NotAllowedError")),
  };
}

/** A folder that files can be written to. */
export interface WritableDirectory extends DirectoryHandleLike {
  getFileHandle(
    name: string,
    options?: { readonly create?: boolean },
  ): Promise<FileSystemFileHandle>;
}

/** A task in a folder that the user chose, or that is in the file system of the origin. */
export function directoryTask(handle: WritableDirectory): TaskPlace {
  const folder = folderTask(folderOfHandle(handle));
  const place: TaskPlace = {
    isNone: "holds no task: it has no task.json",
    read: (name) => folder.read(name),
    async prepare(seen) {
      const before = seen === undefined ? await stateOf(place) : seen.state;
      return {
        async write(files) {
          if ((await stateOf(place)) !== before) {
            throw new OutputError(handle.name, "another task was written there", "Changed");
          }
          try {
            await writeFiles(handle, files);
          } catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new OutputError(
              handle.name,
              why,
              cause instanceof Error ? cause.name : "Error",
              cause,
            );
          }
          return [];
        },
      };
    },
  };
  return place;
}

/** `task.json` is the last: what names the files is there when they are. */
async function writeFiles(
  handle: WritableDirectory,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const names = [...files.keys()].filter((name) => name !== MANIFEST_FILE);
  for (const name of [...names, MANIFEST_FILE]) {
    await writeChosenFile(await handle.getFileHandle(name, { create: true }), files.get(name)!);
  }
}
