import { DataError } from "@engraft/core/errors";
import {
  type DecodeImage,
  type RgbImage,
  recognizeImage,
  withoutExifOrientation,
} from "@engraft/core/images";
import { decodeBitmap } from "./decode-bitmap.js";
import { formatProblem } from "./image-size.js";
import { readTransparent } from "./read-transparent.js";

/** The pixels as they are stored, without a conversion to the colours of a screen. */
const AS_STORED: ImageBitmapOptions = {
  premultiplyAlpha: "none",
  colorSpaceConversion: "none",
};

/**
 * Decodes an image with the browser's decoders, to the pixels that are stored in it. A transparent
 * image keeps its colours, as elsewhere.
 */
export const decodeImage: DecodeImage = async (file) => {
  const recognized = recognizeImage(file);
  const problem = "problem" in recognized ? recognized.problem : formatProblem(file);
  if (problem !== undefined) throw new DataError("data/unreadable", `the image ${problem}`);
  const plain = decodeBitmap(file);
  if (plain !== undefined) return plain;
  const bitmap = await decode(file);
  try {
    return readPixels(bitmap);
  } finally {
    bitmap.close();
  }
};

async function decode(file: Uint8Array): Promise<ImageBitmap> {
  // Browsers turn images upright, some of them even where they are asked not to.
  const stored = withoutExifOrientation(file) as Uint8Array<ArrayBuffer>;
  try {
    return await createImageBitmap(new Blob([stored]), AS_STORED);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("data/unreadable", `the image cannot be decoded (${reason})`, { cause });
  }
}

function readPixels(bitmap: ImageBitmap): RgbImage {
  const { width, height } = bitmap;
  const { data, isOpaque } = withoutAlpha(readCanvas(bitmap));
  if (isOpaque) return { width, height, data };
  return { width, height, data: withoutAlpha(readTransparent(bitmap)).data };
}

/** Exact for opaque pixels; a canvas keeps colours times their opacity. */
function readCanvas(bitmap: ImageBitmap): Uint8ClampedArray {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new DataError(
      "data/unreadable",
      `the image has ${width} x ${height} pixels, for which the browser has no memory`,
    );
  }
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}

function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray): {
  readonly data: Uint8Array;
  readonly isOpaque: boolean;
} {
  const pixels = rgba.length / 4;
  const data = new Uint8Array(3 * pixels);
  let lowest = 255;
  for (let pixel = 0, from = 0, to = 0; pixel < pixels; pixel++, from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
    lowest = Math.min(lowest, rgba[from + 3]!);
  }
  return { data, isOpaque: lowest === 255 };
}
