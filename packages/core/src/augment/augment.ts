import { imagePreprocessedSize, preprocessImage } from "../preprocess/image/chain.js";
import { orient, type Size } from "../preprocess/image/geometry.js";
import { copyRegion, type RgbImage, rgbImage } from "../preprocess/image/image.js";
import { toPixels } from "../preprocess/image/pixels.js";
import { resize } from "../preprocess/image/resample.js";
import type { ImagePreprocessing } from "../preprocess/spec.js";
import { createRandom, type Random } from "../random/random.js";
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from "./color.js";
import type { Augmentation, ImageChanges } from "./config.js";
import { between, centralRegion, drawRegion, type RegionRange } from "./regions.js";
import { type Color, rotate } from "./rotate.js";

/** EXIF orientations that mirror an image from side to side, and turn it upside down. */
const MIRRORED = 2;
const UPSIDE_DOWN = 4;

/** What random erasing paints over, as in torchvision. */
const ERASED: RegionRange = { area: [0.02, 0.33], ratio: [0.3, 3.3] };

/**
 * The random numbers for one image in one epoch. They depend on nothing else, so that images can
 * be read in any order and on any thread, and a resumed run sees what an uninterrupted one would have.
 */
export function augmentationRandom({
  seed,
  epoch,
  example,
}: Omit<ImageChanges, "augmentation">): Random {
  return createRandom(seed).derive(`augment/${epoch}/${example}`);
}

/**
 * As `preprocessImage`, with random changes before the pixels are normalised. What rotation and
 * erasing leave empty gets the mean colour of the preprocessing, which is 0 for the model.
 *
 * @param random - Of {@link augmentationRandom}.
 */
export function augmentImage(
  image: RgbImage,
  spec: ImagePreprocessing,
  augmentation: Augmentation,
  random: Random,
): Float32Array {
  let changed = augmentation.cropArea
    ? randomCrop(
        image,
        spec,
        { area: augmentation.cropArea, ratio: augmentation.cropRatio },
        random,
      )
    : resizeAndCrop(image, spec);
  if (random.double() < augmentation.horizontalFlip) changed = orient(changed, MIRRORED);
  if (random.double() < augmentation.verticalFlip) changed = orient(changed, UPSIDE_DOWN);
  const fill = spec.mean.map(Math.round) as [number, number, number];
  if (augmentation.rotation > 0) {
    const degrees = between([-augmentation.rotation, augmentation.rotation], random);
    changed = rotate(changed, degrees, fill);
  }
  changed = jitterColors(changed, augmentation, random);
  if (random.double() < augmentation.erasing) changed = erase(changed, fill, random);
  return toPixels(changed, spec);
}

/** A random part of the image at the model's size; the largest one in the middle if none is found. */
function randomCrop(
  image: RgbImage,
  spec: ImagePreprocessing,
  range: RegionRange,
  random: Random,
): RgbImage {
  const region = drawRegion(image, range, random) ?? centralRegion(image, range.ratio);
  const part = rgbImage(region.width, region.height);
  copyRegion(image, region, part, 0, 0);
  const { width, height } = imagePreprocessedSize(spec);
  return resize(part, width, height, spec.resize.filter);
}

/** The image at the model's size: preprocessing with a normalisation that changes nothing. */
function resizeAndCrop(image: RgbImage, spec: ImagePreprocessing): RgbImage {
  const { width, height }: Size = imagePreprocessedSize(spec);
  const asIs = { mean: [0, 0, 0], std: [1, 1, 1], layout: "nhwc" } as const;
  return rgbImage(width, height, Uint8Array.from(preprocessImage(image, { ...spec, ...asIs })));
}

/** Up to four changes in a random order (torchvision's `ColorJitter`). */
function jitterColors(image: RgbImage, augmentation: Augmentation, random: Random): RgbImage {
  const { brightness, contrast, saturation, hue } = augmentation;
  const around = (strength: number): number =>
    between([Math.max(0, 1 - strength), 1 + strength], random);
  const changes: ((image: RgbImage) => RgbImage)[] = [];
  if (brightness > 0) changes.push((image) => adjustBrightness(image, around(brightness)));
  if (contrast > 0) changes.push((image) => adjustContrast(image, around(contrast)));
  if (saturation > 0) changes.push((image) => adjustSaturation(image, around(saturation)));
  if (hue > 0) changes.push((image) => adjustHue(image, between([-hue, hue], random)));
  return random.shuffle(changes).reduce((image, change) => change(image), image);
}

/** Paints over a random rectangle. */
function erase(image: RgbImage, fill: Color, random: Random): RgbImage {
  const region = drawRegion(image, ERASED, random);
  if (region === undefined) return image;
  const erased = rgbImage(image.width, image.height, image.data.slice());
  for (let y = region.top; y < region.top + region.height; y++) {
    for (let x = region.left; x < region.left + region.width; x++) {
      erased.data.set(fill, (y * image.width + x) * 3);
    }
  }
  return erased;
}
