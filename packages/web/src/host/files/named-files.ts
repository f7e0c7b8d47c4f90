import { UsageError } from "@engraft/core/errors";
import type { WritableFile } from "@engraft/tasks/predict";
import type { KeptFiles } from "../storage/kept-files.js";
import { locked } from "../storage/locks.js";
import { folderNamed, readNewest, writeVersion } from "../storage/versions.js";

/** The folder of models and checkpoints among the kept files. */
export const FILES_FOLDER = "files";

/** The only file of each version. */
const CONTENT = "content";

/** The content of the file that is kept under a name; undefined where there is none. */
export async function readNamed(name: string, kept: KeptFiles): Promise<Uint8Array | undefined> {
  return readNewest(folderNamed(FILES_FOLDER, name), CONTENT, kept);
}

/**
 * A file that will be kept under a name.
 *
 * @throws UsageError where something else is kept under it.
 */
export async function prepareNamed(
  name: string,
  what: string,
  isOurs: (bytes: Uint8Array) => boolean,
  kept: KeptFiles,
): Promise<WritableFile> {
  const there = await readNamed(name, kept);
  if (there !== undefined && !isOurs(there)) {
    throw new UsageError(
      `${name} is kept in this browser and is not ${what} that Engraft wrote. It stays as it is: ` +
        "choose another name, or clear it.",
    );
  }
  return {
    read: () => readNamed(name, kept),
    write: (bytes) =>
      locked(`file-${name}`, () =>
        writeVersion(folderNamed(FILES_FOLDER, name), name, new Map([[CONTENT, bytes]]), kept),
      ),
  };
}
