import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DataError, type Dataset } from "@engraft/core";
import sharp from "sharp";
import { atEnd } from "./at-end.js";
import { type ReadOptions, readDataset } from "./flat-reading.js";

/** Writes files into a new temporary folder and returns its path. */
export async function writeFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "engraft-data-"));
  atEnd(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Writes one file and returns its path. */
export async function writeOne(name: string, content: string | Uint8Array): Promise<string> {
  return join(await writeFiles({ [name]: content }), name);
}

/** A small image, encoded. */
export function drawImage(width = 4, height = 3, format: "png" | "jpeg" = "jpeg"): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "#c08040" } })
    .toFormat(format)
    .toBuffer();
}

/** The examples of a split as `[source, label, text]`, without the text for images. */
export function rowsOf(data: Dataset, split: "train" | "val" | "test" = "train"): string[][] {
  return (data.splits[split] ?? []).map(({ source, target, input }) =>
    input.kind === "text" ? [source, target.label, input.text] : [source, target.label],
  );
}

/** The DataError that reading must throw. */
export async function errorOf(path: string, options?: ReadOptions): Promise<DataError> {
  try {
    await readDataset(path, options);
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error(`reading ${path} did not fail`);
}
