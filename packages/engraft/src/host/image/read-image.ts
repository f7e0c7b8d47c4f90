import { readFile } from "node:fs/promises";
import { DataError } from "@engraft/core/errors";
import { DEFAULT_MAX_IMAGE_PIXELS } from "@engraft/data";
import { headerProblem } from "./header.js";

/**
 * The content of an image file.
 *
 * @throws DataError when it cannot be read, is no image or is too large.
 */
export async function readImage(
  image: string | Uint8Array,
  maxPixels: number = DEFAULT_MAX_IMAGE_PIXELS,
): Promise<Uint8Array> {
  const file = typeof image === "string" ? await readImageFile(image) : image;
  const problem = await headerProblem(file, maxPixels);
  if (problem === undefined) return file;
  throw new DataError("data/unreadable", `the image ${problem}`);
}

async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("data/unreadable", `the file cannot be read (${reason})`, { cause });
  }
}
