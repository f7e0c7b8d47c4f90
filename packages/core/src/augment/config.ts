import { z } from "zod";

/**
 * How images are changed at random while training, so that a model learns what does not matter. The
 * changes are made in the order of the fields, each image anew in every epoch.
 */
export interface Augmentation {
  /**
   * Share of the image's area that is cut out and scaled to the model's size, drawn between these
   * two (torchvision's `RandomResizedCrop`). Left out: the whole image, preprocessed as ever.
   */
  readonly cropArea?: readonly [least: number, most: number] | undefined;
  /** Least and most width over height of what is cut out. Default 3/4 to 4/3. */
  readonly cropRatio: readonly [least: number, most: number];
  /** Probability of a mirror image. Default 0. */
  readonly horizontalFlip: number;
  /** Probability of turning an image upside down. Default 0. */
  readonly verticalFlip: number;
  /** Turn by up to so many degrees to either side. Default 0. */
  readonly rotation: number;
  /** Multiply the brightness by 1 ± up to this. Default 0. */
  readonly brightness: number;
  /** Multiply the distance from the mean grey by 1 ± up to this. Default 0. */
  readonly contrast: number;
  /** Multiply the distance from grey by 1 ± up to this. Default 0. */
  readonly saturation: number;
  /** Turn the colour wheel by up to this share of a turn to either side, at most 0.5. Default 0. */
  readonly hue: number;
  /**
   * Probability of painting over a rectangle of 2 % to 33 % of the area (random erasing, Zhong 2017;
   * like cut-out). Default 0.
   */
  readonly erasing: number;
}

/** The name of a preset, or fields of which any may be left out. */
export type AugmentationInput =
  | keyof typeof augmentationPresets
  | { readonly [K in keyof Augmentation]?: Augmentation[K] | undefined };

const strength = z.number().min(0);
const probability = z.number().min(0).max(1);

function range(most: number): z.ZodType<readonly [number, number], readonly [number, number]> {
  return z
    .tuple([z.number().positive(), z.number().positive().max(most)])
    .refine(([least, most]) => least <= most, { error: "the first number must not be the larger" });
}

const augmentationObject = z.strictObject({
  cropArea: range(1).optional(),
  cropRatio: range(100).default([3 / 4, 4 / 3]),
  horizontalFlip: probability.default(0),
  verticalFlip: probability.default(0),
  rotation: z.number().min(0).max(180).default(0),
  brightness: strength.default(0),
  contrast: strength.default(0),
  saturation: strength.default(0),
  hue: z.number().min(0).max(0.5).default(0),
  erasing: probability.default(0),
});

/**
 * Ready-made augmentations. `light` suits most photographs; `strong`, with the crops and the erasing
 * that are usual for training on ImageNet, suits long fine-tuning. Neither suits images whose
 * meaning depends on side or colour, such as text or medical scans: give the fields instead.
 */
export const augmentationPresets: {
  readonly none: Augmentation;
  readonly light: Augmentation;
  readonly strong: Augmentation;
} = {
  none: augmentationObject.parse({}),
  light: augmentationObject.parse({
    cropArea: [0.6, 1],
    horizontalFlip: 0.5,
    brightness: 0.1,
    contrast: 0.1,
  }),
  strong: augmentationObject.parse({
    cropArea: [0.08, 1],
    horizontalFlip: 0.5,
    rotation: 15,
    brightness: 0.4,
    contrast: 0.4,
    saturation: 0.4,
    hue: 0.1,
    erasing: 0.25,
  }),
};

/** Validates an augmentation and fills in the defaults. */
export const augmentationSchema: z.ZodType<Augmentation, AugmentationInput> = z.union([
  z.enum(["none", "light", "strong"]).transform((name) => augmentationPresets[name]),
  augmentationObject,
]);

/** Whether an augmentation leaves images as they are. */
export function changesNothing(augmentation: Augmentation): boolean {
  const { horizontalFlip, verticalFlip, rotation, erasing } = augmentation;
  const { cropArea, brightness, contrast, saturation, hue } = augmentation;
  const chances = [horizontalFlip, verticalFlip, rotation, erasing];
  const strengths = [brightness, contrast, saturation, hue];
  return cropArea === undefined && [...chances, ...strengths].every((value) => value === 0);
}

/** What the random changes of one image depend on. */
export interface ImageChanges {
  readonly augmentation: Augmentation;
  readonly seed: number;
  readonly epoch: number;
  /** Position of the image among the examples. */
  readonly example: number;
}
