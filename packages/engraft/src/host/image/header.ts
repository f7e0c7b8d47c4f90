import { open, readFile } from "node:fs/promises";
import {
  type ImageFormat,
  readTiffTag,
  recognizeImage,
  SIGNATURE_BYTES,
} from "@engraft/core/images";
import type { CheckedImage, FileSource } from "@engraft/data";
import type { Metadata } from "sharp";
import { DiskFile } from "../files/disk.js";
import { longestAvifSide } from "./avif-size.js";
import { readBmpSize } from "./bmp.js";
import { tiffProblem } from "./tiff-header.js";

/** What the header of an image says. */
export type Header = Pick<Metadata, "width" | "height" | "channels" | "depth"> &
  Partial<Omit<Metadata, "format">> & { readonly format: Metadata["format"] | "bmp" };

/**
 * Longest side of an image: that of a JPEG. Longer ones are strips that nobody has taken, and cost a
 * decoder that works row by row far more than others of as many pixels.
 */
const LONGEST_SIDE = 65_535;

/**
 * Looks at an image's size and header, without decoding it unless it has 16 bits: then it is doubtful
 * whether its values take up little of these.
 *
 * @param start - The first bytes of the file.
 */
export async function checkImage(
  file: FileSource,
  start: Uint8Array,
  maxPixels: number,
): Promise<CheckedImage> {
  // libvips reads no more of a file than it needs.
  const image = file instanceof DiskFile ? file.path : await file.bytes();
  const header = await readHeader(image, maxPixels, file instanceof DiskFile ? start : undefined);
  return typeof header === "string" ? { problem: header } : { doubts: await doubts(image, header) };
}

/** Looks at the header of an image, a path or its bytes. Returns what is wrong, or `undefined`. */
export async function headerProblem(
  image: string | Uint8Array,
  maxPixels: number,
): Promise<string | undefined> {
  const header = await readHeader(image, maxPixels);
  return typeof header === "string" ? header : undefined;
}

/**
 * The header of an image, a path or its bytes, or what is wrong with the image.
 *
 * @param given - The first bytes of the image, where they are known already.
 */
export async function readHeader(
  image: string | Uint8Array,
  maxPixels: number,
  given?: Uint8Array,
): Promise<Header | string> {
  try {
    const start = given ?? (typeof image === "string" ? await firstBytes(image) : image);
    const recognized = recognizeImage(start);
    if ("problem" in recognized) return recognized.problem;
    return await readKnownHeader(image, start, recognized.format, maxPixels);
  } catch (error) {
    const [detail] = error instanceof Error ? error.message.split("\n") : [];
    return `is not a readable image (${detail})`;
  }
}

async function readKnownHeader(
  image: string | Uint8Array,
  start: Uint8Array,
  format: ImageFormat,
  maxPixels: number,
): Promise<Header | string> {
  if (format === "BMP") {
    const header: Header = { format: "bmp", ...readBmpSize(start), channels: 3, depth: "uchar" };
    return sizeProblem(header, maxPixels) ?? header;
  }
  // Before libvips looks at it.
  const longest = format === "AVIF" ? longestAvifSide(start) : 0;
  if (longest > LONGEST_SIDE) return `has a side of ${longest} pixels; it may have ${LONGEST_SIDE}`;
  // Loaded late: those who read texts never need it.
  const { default: sharp } = await import("sharp");
  const header = await sharp(image, { limitInputPixels: false }).metadata();
  const problem = sizeProblem(header, maxPixels);
  if (problem !== undefined) return problem;
  return (format === "TIFF" ? tiffProblem(header) : undefined) ?? header;
}

function sizeProblem({ width, height }: Header, maxPixels: number): string | undefined {
  if (width * height > maxPixels) {
    const pixels = Math.round((width * height) / 1e6);
    return (
      `has ${width} x ${height} pixels (${pixels} megapixels); ` +
      `the limit is ${maxPixels / 1e6} megapixels (option maxImagePixels)`
    );
  }
  if (Math.max(width, height) <= LONGEST_SIDE) return undefined;
  return `has ${width} x ${height} pixels; a side may have ${LONGEST_SIDE}`;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(SIGNATURE_BYTES);
    const { bytesRead } = await file.read(bytes, 0, SIGNATURE_BYTES, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Values below this share of 65,535 are nearly black once 8 bits are left of 16. */
const DARK = 1 / 16;
/** The TIFF tag that says what bands beyond the colours are; 1 and 2 are transparency. */
const EXTRA_SAMPLES = 338;

/** What about an image may be other than its owner thinks, to follow a colon. */
async function doubts(image: string | Uint8Array, header: Header): Promise<string[]> {
  const found: string[] = [];
  if (header.depth === "ushort") {
    const { default: sharp } = await import("sharp");
    const { channels } = await sharp(image, { limitInputPixels: false }).stats();
    const colours = header.hasAlpha ? channels.slice(0, -1) : channels;
    if (Math.max(...colours.map(({ max }) => max)) < DARK * 65_535) {
      found.push(
        "has 16 bits of which the upper four are never used, as with 12 bits in 16, and is nearly " +
          "black when read; scale its values to 0 to 65535",
      );
    }
  }
  if (header.format === "tiff" && header.hasAlpha) {
    const meaning = readTiffTag(
      typeof image === "string" ? await readFile(image) : image,
      EXTRA_SAMPLES,
    );
    if (meaning !== 1 && meaning !== 2) {
      found.push(
        `has ${header.channels} bands, and the last is not said to be transparency; it is left out`,
      );
    }
  }
  return found;
}
