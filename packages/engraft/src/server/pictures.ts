import { type Header, readHeader } from "../data/images.js";
import { decodingBytes } from "./picture-cost.js";
import type { PricedInput } from "./queue/lane.js";

/** What stands where in the files that are decoded; everything else is kept from the decoder. */
const SIGNATURES: readonly (readonly [format: string, offset: number, bytes: string])[] = [
  ["JPEG", 0, "\xff\xd8\xff"],
  ["PNG", 0, "\x89PNG\r\n\x1a\n"],
  ["GIF", 0, "GIF8"],
  ["WebP", 8, "WEBP"],
  ["AVIF", 4, "ftypavi"],
  ["TIFF", 0, "II*\0"],
  ["TIFF", 0, "MM\0*"],
];

/** Bytes that tell the format. */
const SIGNATURE_BYTES = 12;

/** What a picture may be. */
export interface PictureLimits {
  readonly maxPixels: number;
  /** Most bytes that it may take while it is decoded. */
  readonly maxCost: number;
}

/**
 * Looks at the beginning of a picture, without decoding it.
 *
 * @returns The picture, or what is wrong with it, to follow its name.
 */
export async function readPicture(
  file: Uint8Array,
  { maxPixels, maxCost }: PictureLimits,
): Promise<PricedInput | string> {
  const start = Buffer.from(file.subarray(0, SIGNATURE_BYTES)).toString("latin1");
  if (!SIGNATURES.some(([, offset, bytes]) => start.startsWith(bytes, offset))) {
    const formats = new Set(SIGNATURES.map(([format]) => format));
    return `is not a picture of a known format; expected ${[...formats].join(", ")}`;
  }
  const header = await readHeader(file, maxPixels);
  if (typeof header === "string") return header;
  const cost = decodingBytes(header, file.length);
  if (cost > maxCost) return tooDear(header, cost, maxCost);
  return { input: { kind: "image", read: () => Promise.resolve(file) }, cost };
}

function tooDear({ width, height }: Header, cost: number, maxCost: number): string {
  return (
    `has ${width} x ${height} pixels and takes about ${Math.ceil(cost / 1e6)} MB to decode; ` +
    `this server has ${Math.floor(maxCost / 1e6)} MB for it (option maxPictureMemory)`
  );
}
