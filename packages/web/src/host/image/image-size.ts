import { recognizeImage } from "@engraft/core/images";
import type { CheckedImage, FileSource } from "@engraft/data";
import { imageSize } from "image-size";

/** Sizes stand at the beginning of images, behind what a camera writes there. */
const START = 2 ** 18;

/** Longest side of an image: that of a JPEG. */
const LONGEST_SIDE = 65_535;

/** Looks at an image's size without decoding it. */
export async function checkImage(
  file: FileSource,
  start: Uint8Array,
  maxPixels: number,
): Promise<CheckedImage> {
  const unread = formatProblem(start);
  if (unread !== undefined) return { problem: unread };
  const size = sizeOf(await file.slice(0, START)) ?? sizeOf(await file.bytes());
  const problem = size === undefined ? NO_SIZE : sizeProblem(size, maxPixels);
  return problem === undefined ? { doubts: [] } : { problem };
}

/** What is wrong with the header of an image in memory, to follow its name; undefined: nothing. */
export function headerProblem(image: Uint8Array, maxPixels: number): string | undefined {
  const recognized = recognizeImage(image);
  if ("problem" in recognized) return recognized.problem;
  const size = sizeOf(image);
  return formatProblem(image) ?? (size === undefined ? NO_SIZE : sizeProblem(size, maxPixels));
}

const NO_SIZE = "is not a readable image (its size cannot be read)";

/** Formats that Engraft reads, but no browser does. */
export function formatProblem(start: Uint8Array): string | undefined {
  const recognized = recognizeImage(start);
  const isTiff = "format" in recognized && recognized.format === "TIFF";
  return isTiff ? "is a TIFF image, which browsers do not decode; convert it to PNG" : undefined;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function sizeOf(bytes: Uint8Array): Size | undefined {
  try {
    return imageSize(bytes);
  } catch {
    return undefined;
  }
}

function sizeProblem({ width, height }: Size, maxPixels: number): string | undefined {
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
