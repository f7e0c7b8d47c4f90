import { UsageError } from "../../errors.js";

/** A decoded image: 8 bits per channel, rows from top to bottom, `r g b r g b ...` in each row. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** `width * height * 3` bytes. */
  readonly data: Uint8Array;
}

/** A region of an image, in whole pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * An image of the given size over `data`, black where no data is given.
 *
 * @throws {UsageError} when a side is not a positive integer or the data has another length than
 * `width * height * 3`.
 */
export function rgbImage(width: number, height: number, data?: Uint8Array): RgbImage {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new UsageError(`An image of ${width} x ${height} pixels: both sides must be at least 1.`);
  }
  const length = width * height * 3;
  if (data !== undefined && data.length !== length) {
    throw new UsageError(
      `An RGB image of ${width} x ${height} has ${length} bytes, but ${data.length} were given: pass 8-bit RGB without alpha or padding.`,
    );
  }
  return { width, height, data: data ?? new Uint8Array(length) };
}

/** Copies a region of `source` to the place `(left, top)` of `target`; both must hold it. */
export function copyRegion(
  source: RgbImage,
  region: Region,
  target: RgbImage,
  left: number,
  top: number,
): void {
  for (let row = 0; row < region.height; row++) {
    const start = ((region.top + row) * source.width + region.left) * 3;
    target.data.set(
      source.data.subarray(start, start + region.width * 3),
      ((top + row) * target.width + left) * 3,
    );
  }
}
