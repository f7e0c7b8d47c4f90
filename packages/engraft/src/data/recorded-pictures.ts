import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { RecordedExample } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import { isImage } from "./images.js";

/**
 * Finds the pictures that a task was trained on: where they were below one of some folders, or else
 * anywhere below them by their content.
 *
 * @returns Reads a picture; it throws a DataError where none of the folders has it.
 */
export function recordedPictures(
  folders: readonly string[],
): (example: RecordedExample) => Promise<Uint8Array> {
  let index: Promise<ReadonlyMap<string, string>> | undefined;
  return async ({ source, digest }) => {
    for (const folder of folders) {
      const bytes = await readFile(join(folder, source)).catch(() => undefined);
      if (bytes !== undefined && digestOf(bytes) === digest) return bytes;
    }
    index ??= indexPictures(folders);
    const path = (await index).get(digest);
    if (path !== undefined) return readFile(path);
    throw new DataError("data/unreadable", "the picture was not found");
  };
}

/** Where the picture of each digest is. */
async function indexPictures(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const index = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await readdir(folder, { recursive: true })) {
      if (!isImage(name)) continue;
      const path = resolve(folder, name);
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes !== undefined) index.set(digestOf(bytes), path);
    }
  }
  return index;
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
