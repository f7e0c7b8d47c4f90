import { type Header, readHeader } from "../data/images.js";
import { decodingBytes } from "./image-cost.js";
import type { PricedInput } from "./queue/lane.js";

/** What an image may be. */
export interface ImageLimits {
  readonly maxPixels: number;
  /** Most bytes that it may take while it is decoded. */
  readonly maxCost: number;
}

/**
 * Looks at the beginning of an image, without decoding it.
 *
 * @returns The image, or what is wrong with it, to follow its name.
 */
export async function readImage(
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
    `this server has ${Math.floor(maxCost / 1e6)} MB for it (option maxImageMemory)`
  );
}
