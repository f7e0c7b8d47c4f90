import type { PreparedImage, PrepareImageOptions } from "../platform.js";
import { preprocessImage } from "../preprocess/image/chain.js";
import { readExifOrientation } from "../preprocess/image/exif.js";
import { orient } from "../preprocess/image/geometry.js";
import { colorHistogram } from "../preprocess/image/histogram.js";
import type { RgbImage } from "../preprocess/image/image.js";
import type { ImagePreprocessing } from "../preprocess/spec.js";
import { augmentationRandom, augmentImage } from "./augment.js";

/**
 * Decodes a file to the pixels that are stored in it, not turned upright: all that the preparation of
 * an image asks of the machine.
 *
 * @throws DataError `data/unreadable` when the file is not a whole image, or is too large.
 */
export type DecodeImage = (file: Uint8Array) => Promise<RgbImage>;

/**
 * Decodes an image, turns it upright and preprocesses it exactly as the base model was trained.
 *
 * @param options - Random changes for training; a signal that is looked at before and after decoding.
 * @throws DataError `data/unreadable` when the file is not a whole image.
 */
export async function prepareImage(
  file: Uint8Array,
  spec: ImagePreprocessing,
  decode: DecodeImage,
  { changes, signal }: Pick<PrepareImageOptions, "changes" | "signal"> = {},
): Promise<PreparedImage> {
  signal?.throwIfAborted();
  const stored = await decode(file);
  signal?.throwIfAborted();
  const image = orient(stored, readExifOrientation(file));
  const pixels =
    changes === undefined
      ? preprocessImage(image, spec)
      : augmentImage(image, spec, changes.augmentation, augmentationRandom(changes));
  return { pixels, colorHistogram: colorHistogram(image) };
}
