import type { Size } from "../preprocess/image/geometry.js";
import type { Region } from "../preprocess/image/image.js";
import type { Random } from "../random/random.js";

/** What a random region may look like. */
export interface RegionRange {
  /** Share of the image's area, least and most. */
  readonly area: readonly [number, number];
  /** Width over height, least and most. */
  readonly ratio: readonly [number, number];
}

/** Draws that may fall outside the image before one gives up. */
const ATTEMPTS = 10;

/**
 * A region inside an image: its area is uniform and its ratio log-uniform in their ranges, its place
 * uniform (torchvision's `RandomResizedCrop` and `RandomErasing`). Undefined where ten draws in a row
 * do not fit.
 */
export function drawRegion(size: Size, range: RegionRange, random: Random): Region | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = size.width * size.height * between(range.area, random);
    const [least, most] = range.ratio;
    const ratio = Math.exp(between([Math.log(least), Math.log(most)], random));
    const width = Math.round(Math.sqrt(area * ratio));
    const height = Math.round(Math.sqrt(area / ratio));
    if (width < 1 || height < 1 || width > size.width || height > size.height) continue;
    const top = random.integer(size.height - height + 1);
    const left = random.integer(size.width - width + 1);
    return { left, top, width, height };
  }
  return undefined;
}

/** The largest region in the middle of an image whose ratio is within a range. */
export function centralRegion({ width, height }: Size, ratio: RegionRange["ratio"]): Region {
  const [least, most] = ratio;
  const kept: Size = {
    width: Math.min(width, Math.round(height * most)),
    height: Math.min(height, Math.round(width / least)),
  };
  const left = Math.floor((width - kept.width) / 2);
  const top = Math.floor((height - kept.height) / 2);
  return { left, top, ...kept };
}

/** A uniform draw between two numbers. */
export function between([least, most]: readonly [number, number], random: Random): number {
  return least + (most - least) * random.double();
}
