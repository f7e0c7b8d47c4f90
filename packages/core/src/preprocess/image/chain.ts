import { UsageError } from "../../errors.js";
import type { ImagePreprocessing } from "../spec.js";
import {
  centerCrop,
  letterbox,
  resizeShorterSide,
  type Size,
  shorterSideSize,
  visibleRegion,
} from "./geometry.js";
import { type RgbImage, rgbImage } from "./image.js";
import { toPixels } from "./pixels.js";
import { resize } from "./resample.js";

/**
 * One upright image as a base model reads it: resized, cropped, normalised and laid out as the
 * spec says. The shape is `[3, height, width]` or `[height, width, 3]` with the sides of
 * {@link imagePreprocessedSize}.
 *
 * @throws {UsageError} when the image's data does not fit its size.
 */
export function preprocessImage(image: RgbImage, spec: ImagePreprocessing): Float32Array {
  return toPixels(resizeAndCrop(rgbImage(image.width, image.height, image.data), spec), spec);
}

function resizeAndCrop(
  image: RgbImage,
  { resize: how, centerCrop: crop }: ImagePreprocessing,
): RgbImage {
  if (how.mode === "shorter-side" && crop !== undefined) {
    // Only the part that the crop keeps is computed: less work, and little memory for a long strip.
    const resized = shorterSideSize(image, how.size);
    const region = visibleRegion(resized, crop);
    return centerCrop(resize(image, resized.width, resized.height, how.filter, region), crop);
  }
  const resized = resizeAs(image, how);
  return crop === undefined ? resized : centerCrop(resized, crop);
}

function resizeAs(
  image: RgbImage,
  { mode, size, filter, fill }: ImagePreprocessing["resize"],
): RgbImage {
  switch (mode) {
    case "shorter-side":
      return resizeShorterSide(image, size, filter);
    case "exact":
      return resize(image, size, size, filter);
    case "letterbox":
      return letterbox(image, size, filter, fill);
  }
}

/**
 * Width and height of every image after the chain.
 *
 * @throws {UsageError} when they depend on the image: `shorter-side` without a centre crop.
 */
export function imagePreprocessedSize(spec: ImagePreprocessing): Size {
  if (spec.centerCrop === undefined && spec.resize.mode === "shorter-side") {
    throw new UsageError(
      'The preprocessing "shorter-side" without "centerCrop" gives images of different sizes, which do not fit one batch: add "centerCrop", or use the mode "exact" or "letterbox".',
    );
  }
  const side = spec.centerCrop ?? spec.resize.size;
  return { width: side, height: side };
}
