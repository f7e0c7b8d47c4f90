import { DataError } from "@engraft/core/errors";
import type { RgbImage } from "@engraft/core/images";
import sharp, { type Metadata } from "sharp";
import { colourBands } from "./tiff-header.js";

/**
 * Decodes a TIFF of floats from 0 to 1, as scikit-image writes them, or from 0 to 255.
 *
 * @throws DataError when its samples are of another range.
 */
export async function decodeFloats(file: Uint8Array, metadata: Metadata): Promise<RgbImage> {
  // In these spaces libvips gives the samples as they are stored.
  const space = colourBands(metadata) === 1 ? "b-w" : "scrgb";
  const { data, info } = await sharp(file, { failOn: "error" })
    .toColourspace(space)
    .raw({ depth: "float" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = new Float32Array(data.buffer, data.byteOffset, width * height * channels);
  const colours = space === "b-w" ? 1 : 3;
  const factor = 255 / whitePoint(samples, channels, colours);
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < rgb.length; i++) {
    const band = colours === 1 ? 0 : i % 3;
    rgb[i] = Math.round(factor * samples[Math.floor(i / 3) * channels + band]!);
  }
  return { width, height, data: rgb };
}

/** The sample that means white: 1 or 255. */
function whitePoint(samples: Float32Array, channels: number, colours: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < samples.length; i++) {
    if (i % channels >= colours) continue;
    const sample = samples[i]!;
    if (Number.isNaN(sample)) throw outOfRange("some are not numbers");
    if (sample < lowest) lowest = sample;
    if (sample > highest) highest = sample;
  }
  if (lowest >= 0 && highest <= 1) return 1;
  if (lowest >= 0 && highest <= 255) return 255;
  throw outOfRange(`they are from ${shortly(lowest)} to ${shortly(highest)}`);
}

function outOfRange(found: string): DataError {
  const what = `the image has floats for samples, and ${found}; expected 0 to 1, or 0 to 255`;
  return new DataError("data/unreadable", `${what}. Scale it, or convert it to 8 bits`);
}

function shortly(value: number): string {
  return String(Number(value.toPrecision(4)));
}
