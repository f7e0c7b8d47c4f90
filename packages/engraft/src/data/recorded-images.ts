import { join } from "node:path";
import { DataError } from "@engraft/core/errors";
import type { RecordedExample } from "@engraft/tasks";
import { readPlainFile } from "../host/files/plain-file.js";
import { sha256 } from "../host/sha256.js";
import { findImages } from "./find-images.js";

/**
 * Finds the images that a task was trained on: where they were below one of some folders, or else
 * anywhere below them by their content.
 *
 * @returns Reads an image; it throws a DataError where none of the folders has it.
 */
export function recordedImages(
  folders: readonly string[],
  signal?: AbortSignal,
): (example: RecordedExample) => Promise<Uint8Array> {
  let index: Promise<ReadonlyMap<string, string>> | undefined;
  return async ({ source, digest }) => {
    for (const folder of folders) {
      const bytes = await readPlainFile(join(folder, source)).catch(() => undefined);
      if (bytes !== undefined && (await sha256(bytes)) === digest) return bytes;
    }
    index ??= indexImages(folders, signal);
    const path = (await index).get(digest);
    if (path !== undefined) return readPlainFile(path);
    throw new DataError("data/unreadable", "the image was not found");
  };
}

/** Where the image of each digest is. */
async function indexImages(
  folders: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found: (readonly [string, string])[] = [];
  for (const folder of folders) found.push(...(await findImages(folder, sha256, signal)));
  return new Map(found);
}
