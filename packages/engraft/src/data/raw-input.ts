import { readFile } from "node:fs/promises";
import type { Input, Modality } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import { DEFAULT_MAX_IMAGE_PIXELS } from "@engraft/data";
import { headerProblem } from "../host/image/header.js";

/** A text, or the path or bytes of an image file, as a model or task reads it. */
export function rawInput(
  input: string | Uint8Array,
  modality: Modality,
  maxPixels: number = DEFAULT_MAX_IMAGE_PIXELS,
): Input {
  if (modality === "text") {
    return {
      kind: "text",
      text: typeof input === "string" ? input : new TextDecoder().decode(input),
    };
  }
  return {
    kind: "image",
    read: async () => {
      const file = typeof input === "string" ? await readImage(input) : input;
      const problem = await headerProblem(file, maxPixels);
      if (problem === undefined) return file;
      throw new DataError("data/unreadable", `the image ${problem}`);
    },
  };
}

async function readImage(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("data/unreadable", `the file cannot be read (${reason})`, { cause });
  }
}
