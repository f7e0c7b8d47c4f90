import type { Header } from "../../host/image/header.js";

/** What every decoder, the file and the result take besides. */
const CONSTANT = 1e6;

/** Bytes for each column of an image: libvips keeps some rows of it at each of its steps. */
const PER_COLUMN = 1200;

/** Bytes of an upright RGB pixel of 8 bits. */
const RGB = 3;

/**
 * About the most memory that an image takes while it is decoded and resized, in bytes. Measured with
 * libvips 8.18: decoders that cannot work row by row hold the whole image in a form of their own.
 */
export function decodingBytes(header: Header, fileBytes: number): number {
  const { width, height, orientation, format } = header;
  // An image that is turned upright is there twice.
  const result = orientation !== undefined && orientation > 1 ? 2 * RGB : RGB;
  const perPixel = result + (IN_DECODER.get(format)?.(header) ?? MOST_IN_DECODER);
  return CONSTANT + fileBytes + PER_COLUMN * width + perPixel * width * height;
}

/** Bytes for each pixel that the decoder of a format holds of the whole image. */
const IN_DECODER = new Map<string, (header: Header) => number>([
  // Coefficients of 16 bits, of a whole image where they come in several scans.
  ["jpeg", ({ isProgressive, channels }) => (isProgressive ? 2 * channels + 1 : 0)],
  ["png", (header) => (header.isProgressive ? bytesPerPixel(header) : 0) + rounding(header)],
  ["webp", () => 9],
  ["gif", () => 5],
  ["bmp", () => 0],
  // A strip or a tile may hold it all; floats are there once more, to see their range.
  ["tiff", (header) => (header.depth === "float" ? 2 : 1) * bytesPerPixel(header) + 1],
]);

/** What AVIF takes with 12 bits, and no format more. */
const MOST_IN_DECODER = 22;

/** Bytes of a sample by its type; those of any other have four. */
const SAMPLE_BYTES: ReadonlyMap<string, number> = new Map([
  ["uchar", 1],
  ["char", 1],
  ["ushort", 2],
  ["short", 2],
  ["double", 8],
]);

/** Pixels of more than 8 bits are rounded some rows at a time. */
function rounding({ depth }: Header): number {
  return depth === "uchar" ? 0 : 1;
}

function bytesPerPixel({ channels, depth }: Header): number {
  return channels * (SAMPLE_BYTES.get(depth) ?? 4);
}
