import { type Header, readHeader } from "../../host/image/header.js";
import { type UnreadableInput, UnreadableInputsError } from "../errors.js";
import { decodingBytes } from "./image-cost.js";
import type { PricedInput } from "./priced-input.js";

/** What an image may be. */
export interface ImageLimits {
  readonly maxPixels: number;
  /** Most bytes that it may take while it is decoded. */
  readonly maxCost: number;
}

/**
 * Reads the heads of encoded images, without decoding them.
 *
 * @throws UnreadableInputsError when a file is not an image within the limits.
 */
export async function readImages(
  files: readonly Uint8Array[],
  limits: ImageLimits,
): Promise<PricedInput[]> {
  const images: PricedInput[] = [];
  const unreadable: UnreadableInput[] = [];
  // One after another: a header is soon read, and a request must not take all threads of libuv.
  for (const [index, file] of files.entries()) {
    const image = await readImage(file, limits);
    if (typeof image === "string") unreadable.push({ index, what: image });
    else images.push(image);
  }
  if (unreadable.length > 0) throw new UnreadableInputsError(unreadable);
  return images;
}

/** The image, or what is wrong with it, to follow its name. */
async function readImage(
  file: Uint8Array,
  { maxPixels, maxCost }: ImageLimits,
): Promise<PricedInput | string> {
  const header = await readHeader(file, maxPixels);
  if (typeof header === "string") return header;
  const cost = decodingBytes(header, file.length);
  if (cost > maxCost) return tooDear(header, cost, maxCost);
  return { input: { kind: "image", read: () => Promise.resolve(file) }, cost };
}

function tooDear({ width, height }: Header, cost: number, maxCost: number): string {
  return (
    `has ${width} x ${height} pixels and takes about ${Math.ceil(cost / 1e6)} MB to decode; ` +
    `there are ${Math.floor(maxCost / 1e6)} MB for it (option maxImageMemory)`
  );
}
