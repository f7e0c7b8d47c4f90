import { DataError } from "@engraft/core/errors";
import { type RgbImage, recognizeImage } from "@engraft/core/images";
import sharp from "sharp";
import { BmpError, decodeBmp, readBmpSize } from "./bmp.js";
import { decodeFloats } from "./tiff.js";
import { tiffProblem } from "./tiff-header.js";

/** Largest width x height that is decoded at all; callers have lower limits of their own. */
const MAX_PIXELS = 0x3fff * 0x3fff;

/**
 * Decodes an image to the pixels that Pillow gives, as it is stored: not turned upright. The format is
 * told by the content. A transparent image keeps its colours; pixels of 16 bits lose the lower 8.
 *
 * @throws DataError `data/unreadable` when the file is not a whole image, is of a format that is not
 * decoded, such as SVG, or is too large.
 */
export async function decodeImage(file: Uint8Array): Promise<RgbImage> {
  const recognized = recognizeImage(file);
  if ("problem" in recognized) {
    throw new DataError("data/unreadable", `the image ${recognized.problem}`);
  }
  try {
    if (recognized.format === "BMP") return decodeBitmap(file);
    if (recognized.format === "TIFF") return await decodeTiff(file);
    return await decodeBytes(file);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new DataError("data/unreadable", `the image cannot be decoded (${reason})`, { cause });
  }
}

function decodeBitmap(file: Uint8Array): RgbImage {
  const { width, height } = readBmpSize(file);
  if (width * height > MAX_PIXELS) throw new BmpError("it exceeds the pixel limit");
  return decodeBmp(file);
}

async function decodeTiff(file: Uint8Array): Promise<RgbImage> {
  const metadata = await sharp(file, { failOn: "error" }).metadata();
  const problem = tiffProblem(metadata);
  if (problem !== undefined) throw new DataError("data/unreadable", `the image ${problem}`);
  return metadata.depth === "float" ? decodeFloats(file, metadata) : decodeBytes(file);
}

async function decodeBytes(file: Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(file, { failOn: "error" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { width, height, data: channels === 3 ? data : grayToRgb(data, channels) };
}

function grayToRgb(gray: Uint8Array, channels: number): Uint8Array {
  const pixels = gray.length / channels;
  const rgb = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    rgb.fill(gray[pixel * channels]!, 3 * pixel, 3 * pixel + 3);
  }
  return rgb;
}
