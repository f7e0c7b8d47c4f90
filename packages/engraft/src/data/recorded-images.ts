import { type RecordedImage, recordedImages as recordedImagesIn } from "@engraft/data";
import { DiskFolder } from "../host/files/disk.js";
import { sha256 } from "../host/sha256.js";

/**
 * Finds the images that a task was trained on: where they were below one of some folders, or else
 * anywhere below them by their content.
 *
 * @returns Reads an image; it throws a DataError where none of the folders has it.
 */
export function recordedImages(
  folders: readonly string[],
  signal?: AbortSignal,
): (image: RecordedImage) => Promise<Uint8Array> {
  return recordedImagesIn(
    folders.map((folder) => new DiskFolder(folder)),
    sha256,
    signal,
  );
}
