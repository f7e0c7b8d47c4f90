import type { ImageInput } from "@engraft/core";
import { headerProblem } from "../data/images.js";

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

/**
 * Looks at the beginning of a picture, without decoding it.
 *
 * @returns What is wrong with it, to follow its name, or `undefined`.
 */
export async function pictureProblem(
  file: Uint8Array,
  maxPixels: number,
): Promise<string | undefined> {
  const start = Buffer.from(file.subarray(0, SIGNATURE_BYTES)).toString("latin1");
  if (!SIGNATURES.some(([, offset, bytes]) => start.startsWith(bytes, offset))) {
    const formats = new Set(SIGNATURES.map(([format]) => format));
    return `is not a picture of a known format; expected ${[...formats].join(", ")}`;
  }
  return headerProblem(file, maxPixels);
}

export function pictureInput(file: Uint8Array): ImageInput {
  return { kind: "image", read: () => Promise.resolve(file) };
}
