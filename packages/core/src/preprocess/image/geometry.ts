import { copyRegion, type Region, type RgbImage, rgbImage } from "./image.js";
import { type ResampleFilter, resize } from "./resample.js";

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Rounds halves to the even neighbour, as Python does. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The size after the shorter side became `size`: the longer side keeps the proportions and is
 * truncated to a whole pixel, as in torchvision's `Resize(size)`.
 */
export function shorterSideSize({ width, height }: Size, size: number): Size {
  return width <= height
    ? { width: size, height: Math.trunc((size * height) / width) }
    : { width: Math.trunc((size * width) / height), height: size };
}

/** Resizes so that the shorter side becomes `size`, as torchvision's `Resize(size)`. */
export function resizeShorterSide(image: RgbImage, size: number, filter: ResampleFilter): RgbImage {
  const { width, height } = shorterSideSize(image, size);
  return resize(image, width, height, filter);
}

/** Where torchvision's `CenterCrop(size)` cuts an image whose sides are both at least `size`. */
export function centerCropRegion({ width, height }: Size, size: number): Region {
  return {
    left: roundHalfEven((width - size) / 2),
    top: roundHalfEven((height - size) / 2),
    width: size,
    height: size,
  };
}

/** The part of an image that `CenterCrop(size)` keeps; all of a side that is no longer than `size`. */
export function visibleRegion({ width, height }: Size, size: number): Region {
  const padded = { width: Math.max(width, size), height: Math.max(height, size) };
  const { left, top } = centerCropRegion(padded, size);
  return { left, top, width: Math.min(width, size), height: Math.min(height, size) };
}

/**
 * Cuts a square of `size` from the centre, as torchvision's `CenterCrop(size)`. A side that is
 * shorter is first padded with black to `size`, the odd pixel to the right or bottom.
 */
export function centerCrop(image: RgbImage, size: number): RgbImage {
  if (image.width === size && image.height === size) return image;
  const padLeft = Math.floor((Math.max(image.width, size) - image.width) / 2);
  const padTop = Math.floor((Math.max(image.height, size) - image.height) / 2);
  const cropped = rgbImage(size, size);
  copyRegion(image, visibleRegion(image, size), cropped, padLeft, padTop);
  return cropped;
}

/**
 * Fits the image inside a square of `size`, proportions kept, and centres it on the colour
 * `fill` (RGB, 0 to 255; black by default): Pillow's `ImageOps.pad`. The shorter side is rounded,
 * halves to even, but never below one pixel.
 */
export function letterbox(
  image: RgbImage,
  size: number,
  filter: ResampleFilter,
  fill: readonly [number, number, number] = [0, 0, 0],
): RgbImage {
  const { width, height } = image;
  const shorter = Math.min(width, height) / Math.max(width, height);
  const fitted = Math.max(1, roundHalfEven(shorter * size));
  const resized =
    width >= height ? resize(image, size, fitted, filter) : resize(image, fitted, size, filter);
  const boxed = rgbImage(size, size);
  for (let i = 0; i < boxed.data.length; i++) boxed.data[i] = fill[i % 3]!;
  const whole: Region = { left: 0, top: 0, width: resized.width, height: resized.height };
  const left = roundHalfEven((size - resized.width) / 2);
  const top = roundHalfEven((size - resized.height) / 2);
  copyRegion(resized, whole, boxed, left, top);
  return boxed;
}

/**
 * Turns and mirrors a stored image upright. `orientation` is the EXIF tag: 1 upright,
 * 2 mirrored, 3 half turn, 4 upside down, 5 transposed, 6 needs a quarter turn clockwise,
 * 7 transposed about the other diagonal, 8 needs a quarter turn counter-clockwise. Other values
 * are undefined by EXIF and leave the image as it is.
 */
export function orient(image: RgbImage, orientation: number): RgbImage {
  if (!(orientation >= 2 && orientation <= 8)) return image;
  const { width, height, data } = image;
  const swapped = orientation >= 5;
  const flipX = [2, 3, 7, 8].includes(orientation);
  const flipY = [3, 4, 6, 7].includes(orientation);
  const upright = swapped ? rgbImage(height, width) : rgbImage(width, height);
  let out = 0;
  for (let y = 0; y < upright.height; y++) {
    for (let x = 0; x < upright.width; x++) {
      const column = swapped ? y : x;
      const row = swapped ? x : y;
      const sourceX = flipX ? width - 1 - column : column;
      const sourceY = flipY ? height - 1 - row : row;
      const at = (sourceY * width + sourceX) * 3;
      upright.data[out++] = data[at]!;
      upright.data[out++] = data[at + 1]!;
      upright.data[out++] = data[at + 2]!;
    }
  }
  return upright;
}
