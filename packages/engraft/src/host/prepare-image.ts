import type { ImageChanges, ImagePreprocessing, PreparedImage } from "@engraft/core";
import {
  augmentationRandom,
  augmentImage,
  colorHistogram,
  orient,
  preprocessImage,
  readExifOrientation,
} from "@engraft/core/images";
import sharp from "sharp";
import { decodeImage } from "./image/decode.js";

// Each compute thread decodes one image at a time; more threads inside libvips only get in the way.
sharp.concurrency(1);

/**
 * Decodes an image (the same pixels as Pillow), turns it upright and preprocesses it
 * exactly as the base model was trained.
 *
 * @param changes - Random changes for training.
 * @throws DataError `data/unreadable` when the file is not a whole image or is too large.
 */
export async function prepareImage(
  file: Uint8Array,
  spec: ImagePreprocessing,
  changes?: ImageChanges,
): Promise<PreparedImage> {
  const image = orient(await decodeImage(file), readExifOrientation(file));
  const pixels =
    changes === undefined
      ? preprocessImage(image, spec)
      : augmentImage(image, spec, changes.augmentation, augmentationRandom(changes));
  return { pixels, colorHistogram: colorHistogram(image) };
}
