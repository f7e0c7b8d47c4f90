import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import type { ImageInput } from "@engraft/core";
import type { Metadata } from "sharp";
import { reason, unreadable } from "./problems.js";

/** What sharp's own binaries decode, by extension in lower case. */
const EXTENSIONS: ReadonlySet<string> = new Set([
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".gif",
  ".avif",
  ".tif",
  ".tiff",
]);

/** The extensions of images, for messages. */
const IMAGE_EXTENSIONS = [...EXTENSIONS].join(", ");

/** Whether a file name has the extension of an image. */
export function isImage(name: string): boolean {
  return EXTENSIONS.has(extname(name).toLowerCase());
}

/**
 * Looks at an image's size and header, without decoding it. Returns what is wrong, to follow the
 * image's name, or `undefined`.
 */
export async function imageProblem(path: string, maxPixels: number): Promise<string | undefined> {
  if (!isImage(path)) return `is not an image by its extension; expected ${IMAGE_EXTENSIONS}`;
  try {
    const { size } = await stat(path);
    if (size === 0) return "is an empty file";
  } catch (error) {
    return reason(error);
  }
  return headerProblem(path, maxPixels);
}

/** Looks at the header of an image, a path or its bytes. Returns what is wrong, or `undefined`. */
export async function headerProblem(
  image: string | Uint8Array,
  maxPixels: number,
): Promise<string | undefined> {
  const header = await readHeader(image, maxPixels);
  return typeof header === "string" ? header : undefined;
}

/** What the header of an image says. */
export type Header = Metadata;

/**
 * Longest side of an image: that of a JPEG. Longer ones are strips that nobody has taken, and cost a
 * decoder that works row by row far more than others of as many pixels.
 */
const LONGEST_SIDE = 65_535;

/** The header of an image, a path or its bytes, or what is wrong with the image. */
export async function readHeader(
  image: string | Uint8Array,
  maxPixels: number,
): Promise<Header | string> {
  // Loaded late: those who read texts never need it.
  const { default: sharp } = await import("sharp");
  try {
    const header = await sharp(image, { limitInputPixels: false }).metadata();
    return sizeProblem(header, maxPixels) ?? header;
  } catch (error) {
    const [detail] = error instanceof Error ? error.message.split("\n") : [];
    return `is not a readable image (${detail})`;
  }
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

/** An image that is read from its file each time it is needed. */
export function imageInput(path: string, source: string): ImageInput {
  return {
    kind: "image",
    read: async () => {
      try {
        return await readFile(path);
      } catch (error) {
        throw unreadable(source, reason(error), error);
      }
    },
  };
}
