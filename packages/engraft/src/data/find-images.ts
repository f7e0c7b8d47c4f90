import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { forEachConcurrent } from "@engraft/core";
import { readPlainFile } from "../host/files/plain-file.js";
import { isImage } from "./images.js";
import { FILES_AT_ONCE } from "./item.js";

/**
 * Finds images again by what is in them: their names and places do not matter. Looks into folders
 * at any depth, but not into linked ones.
 *
 * @param folder - Where they are.
 * @param digest - Of the bytes of a file.
 * @returns The path of every image by its digest; of equal ones, any.
 */
export async function findImages(
  folder: string,
  digest: (file: Uint8Array) => Promise<string>,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter(isImage);
  const found = new Map<string, string>();
  const look = async (name: string): Promise<void> => {
    const path = join(folder, name);
    // What cannot be read is not there: those who need it say so.
    const file = await readPlainFile(path).catch(() => undefined);
    if (file !== undefined) found.set(await digest(file), path);
  };
  await forEachConcurrent(names, FILES_AT_ONCE, look, signal);
  return found;
}
