import { DataError } from "@engraft/core/errors";
import { forEachConcurrent } from "@engraft/core/predict";
import { isImage } from "../images/image-file.js";
import { listFolder } from "../source/listing.js";
import type { FileSource, FolderSource } from "../source/source.js";
import { FILES_AT_ONCE } from "./item.js";

/** Where an image was when its task was trained, and the digest of its file. */
export interface RecordedImage {
  readonly source: string;
  readonly digest: string;
}

/**
 * Finds the images that a task was trained on: where they were below one of some folders, or else
 * anywhere below them by their content.
 *
 * @param digest - Of the bytes of a file.
 * @returns Reads an image; it throws a DataError where none of the folders has it.
 */
export function recordedImages(
  folders: readonly FolderSource[],
  digest: (file: Uint8Array) => Promise<string>,
  signal?: AbortSignal,
): (image: RecordedImage) => Promise<Uint8Array> {
  let index: Promise<ReadonlyMap<string, FileSource>> | undefined;
  return async (image) => {
    for (const folder of folders) {
      const file = await folder.find(image.source).catch(() => undefined);
      const bytes = await file?.bytes().catch(() => undefined);
      if (bytes !== undefined && (await digest(bytes)) === image.digest) return bytes;
    }
    index ??= indexImages(folders, digest, signal);
    const file = (await index).get(image.digest);
    if (file !== undefined) return file.bytes();
    throw new DataError("data/unreadable", "the image was not found");
  };
}

/** The image of each digest, at any depth; of equal ones, any. Linked folders are not followed. */
async function indexImages(
  folders: readonly FolderSource[],
  digest: (file: Uint8Array) => Promise<string>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, FileSource>> {
  const images: FileSource[] = [];
  for (const folder of folders) images.push(...(await imagesBelow(folder)));
  const found = new Map<string, FileSource>();
  const look = async (image: FileSource): Promise<void> => {
    // What cannot be read is not there: those who need it say so.
    const bytes = await image.bytes().catch(() => undefined);
    if (bytes !== undefined) found.set(await digest(bytes), image);
  };
  await forEachConcurrent(images, FILES_AT_ONCE, look, signal);
  return found;
}

async function imagesBelow(folder: FolderSource): Promise<FileSource[]> {
  const { files, folders, fileOf, folderOf } = await listFolder({ source: folder, name: "" });
  const found = files.filter(isImage).map((name) => fileOf.get(name)!);
  for (const name of folders) {
    const inner = folderOf.get(name)!;
    if (!inner.isLink) found.push(...(await imagesBelow(inner)));
  }
  return found;
}
