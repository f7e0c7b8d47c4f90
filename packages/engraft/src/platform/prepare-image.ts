import type { ImagePreprocessing, PictureChanges, PreparedImage } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import {
  augmentationRandom,
  augmentImage,
  colorHistogram,
  orient,
  preprocessImage,
  type RgbImage,
  readExifOrientation,
} from "@engraft/core/images";
import sharp from "sharp";

// Each compute thread decodes one picture at a time; more threads inside libvips only get in the way.
sharp.concurrency(1);

/**
 * Decodes a picture with libvips (the same pixels as Pillow), turns it upright and preprocesses it
 * exactly as the base model was trained.
 *
 * @param changes - Random changes for training.
 * @throws DataError `data/unreadable` when the file is not a whole picture or is too large.
 */
export async function prepareImage(
  file: Uint8Array,
  spec: ImagePreprocessing,
  changes?: PictureChanges,
): Promise<PreparedImage> {
  const image = orient(await decodeImage(file), readExifOrientation(file));
  const pixels =
    changes === undefined
      ? preprocessImage(image, spec)
      : augmentImage(image, spec, changes.augmentation, augmentationRandom(changes));
  return { pixels, colorHistogram: colorHistogram(image) };
}

async function decodeImage(file: Uint8Array): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(file, { failOn: "error" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return { width, height, data: channels === 3 ? data : grayToRgb(data, channels) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new DataError("data/unreadable", `the picture cannot be decoded (${reason})`, { cause });
  }
}

function grayToRgb(gray: Uint8Array, channels: number): Uint8Array {
  const pixels = gray.length / channels;
  const rgb = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    rgb.fill(gray[pixel * channels]!, 3 * pixel, 3 * pixel + 3);
  }
  return rgb;
}
