import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { preprocessImage } from "../preprocess/image/chain.js";
import { type RgbImage, rgbImage } from "../preprocess/image/image.js";
import type { ImagePreprocessing } from "../preprocess/spec.js";
import { createRandom } from "../random/random.js";
import { augmentationRandom, augmentImage } from "./augment.js";
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from "./color.js";
import { type AugmentationInput, augmentationPresets, augmentationSchema } from "./config.js";
import { centralRegion, drawRegion } from "./regions.js";
import { rotate } from "./rotate.js";

interface Case {
  readonly value: number;
  readonly sha256: string;
}

type Operation = "brightness" | "contrast" | "saturation" | "hue" | "rotation";

/** What torchvision makes of `wide`; written by goldens/make.py. */
const goldens: Readonly<Record<Operation, readonly Case[]>> & {
  readonly centralRegions: readonly ({ from: [number, number] } & Record<string, number>)[];
} = JSON.parse(readFileSync(new URL("./goldens/augment.json", import.meta.url), "utf8"));

const operations: Readonly<Record<Operation, (image: RgbImage, value: number) => RgbImage>> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
  rotation: (image, degrees) => rotate(image, degrees, [10, 200, 30]),
};

/** The formula of `image` in goldens/make.py. */
function drawImage(width: number, height: number): RgbImage {
  const image = rgbImage(width, height);
  for (let i = 0; i < image.data.length; i++) {
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    const mixed = Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(i % 3, 83492791);
    image.data[i] = Math.imul(mixed, 2654435761) >>> 24;
  }
  return image;
}

const wide = drawImage(31, 24);

describe.each(Object.entries(operations))("%s", (name, operation) => {
  it.each(goldens[name as Operation])("by $value has the pixels of torchvision", (golden) => {
    const { data } = operation(wide, golden.value);
    expect(createHash("sha256").update(data).digest("hex")).toBe(golden.sha256);
  });
});

describe("regions", () => {
  const side = fc.integer({ min: 1, max: 300 });
  const area = fc.tuple(
    fc.double({ min: 0.05, max: 0.5, noNaN: true }),
    fc.double({ min: 0.5, max: 1, noNaN: true }),
  );

  test.prop([fc.nat(), side, side, area])(
    "are inside, of the size asked for",
    (seed, width, height, area) => {
      const ratio = [0.5, 2] as const;
      const region = drawRegion({ width, height }, { area, ratio }, createRandom(seed));
      if (region === undefined) return;
      expect(Math.min(region.left, region.top)).toBeGreaterThanOrEqual(0);
      expect(region.left + region.width).toBeLessThanOrEqual(width);
      expect(region.top + region.height).toBeLessThanOrEqual(height);
      // Each side is rounded by up to half a pixel.
      const grown = (region.width + 0.5) * (region.height + 0.5);
      const shrunk = (region.width - 0.5) * (region.height - 0.5);
      expect(grown).toBeGreaterThanOrEqual(area[0] * width * height);
      expect(shrunk).toBeLessThanOrEqual(area[1] * width * height);
      expect((region.width + 0.5) / (region.height - 0.5)).toBeGreaterThanOrEqual(ratio[0]);
      expect((region.width - 0.5) / (region.height + 0.5)).toBeLessThanOrEqual(ratio[1]);
    },
  );

  it("reach every place", () => {
    const random = createRandom(1);
    const range = { area: [0.25, 0.25], ratio: [1, 1] } as const;
    const draws = Array.from(
      { length: 100 },
      () => drawRegion({ width: 4, height: 4 }, range, random)!,
    );
    expect(new Set(draws.map(({ left, top }) => `${left} ${top}`)).size).toBe(9);
  });

  it("are none where none fits", () => {
    const range = { area: [4, 4], ratio: [1, 1] } as const;
    expect(drawRegion({ width: 9, height: 9 }, range, createRandom(0))).toBeUndefined();
  });

  it.each(goldens.centralRegions)(
    "in the middle are those of torchvision: %j",
    ({ from, ...region }) => {
      expect(centralRegion({ width: from[0], height: from[1] }, [3 / 4, 4 / 3])).toEqual(region);
    },
  );
});

describe("augmentImage", () => {
  const spec: ImagePreprocessing = {
    kind: "image",
    resize: { mode: "shorter-side", size: 16, filter: "bilinear" },
    centerCrop: 12,
    mean: [127, 100, 90],
    std: [128, 64, 32],
    layout: "nchw",
  };
  const augmented = (input: AugmentationInput, seed: number, epoch = 0, example = 0) =>
    augmentImage(
      wide,
      spec,
      augmentationSchema.parse(input),
      augmentationRandom({ seed, epoch, example }),
    );
  const plain = preprocessImage(wide, spec);

  test.prop([fc.nat()])("changes nothing when nothing is asked for", (seed) => {
    expect(augmented("none", seed)).toEqual(plain);
  });

  it.each(["light", "strong"] as const)("%s depends on seed, epoch and example alone", (preset) => {
    const first = augmented(preset, 1, 2, 3);
    expect(augmented(preset, 1, 2, 3)).toEqual(first);
    expect(first).toHaveLength(plain.length);
    for (const other of [
      augmented(preset, 0, 2, 3),
      augmented(preset, 1, 0, 3),
      augmented(preset, 1, 2, 0),
    ]) {
      expect(other).not.toEqual(first);
    }
  });

  it("mirrors and turns upside down", () => {
    const rows = (pixels: Float32Array) =>
      Array.from({ length: 36 }, (_, row) => [...pixels.subarray(row * 12, (row + 1) * 12)]);
    const mirrored = rows(plain).map((row) => row.toReversed());
    expect(rows(augmented({ horizontalFlip: 1 }, 0))).toEqual(mirrored);
    const channels = [0, 1, 2].map((channel) =>
      rows(plain).slice(channel * 12, (channel + 1) * 12),
    );
    expect(rows(augmented({ verticalFlip: 1 }, 0))).toEqual(
      channels.flatMap((channel) => channel.toReversed()),
    );
  });

  it("flips about as often as asked for", () => {
    const draws = Array.from({ length: 200 }, (_, example) =>
      augmented({ horizontalFlip: 0.25 }, 5, 0, example),
    );
    const flips = draws.filter((pixels) => pixels.some((value, i) => value !== plain[i])).length;
    expect(flips).toBeGreaterThan(50 - 5 * 6.1);
    expect(flips).toBeLessThan(50 + 5 * 6.1);
  });

  it("erases a rectangle to zero", () => {
    const pixels = augmented({ erasing: 1 }, 3);
    const changed = [...pixels.keys()].filter((i) => pixels[i] !== plain[i]);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.every((i) => Math.abs(pixels[i]!) === 0)).toBe(true);
    const columns = new Set(changed.map((i) => i % 12));
    const rows = new Set(changed.map((i) => Math.floor(i / 12) % 12));
    const erased = [...pixels].filter((value) => value === 0).length;
    expect(erased).toBeGreaterThanOrEqual(columns.size * rows.size * 3);
  });

  it.each([
    ["cropArea", { cropArea: [0.1, 0.3] }],
    ["rotation", { rotation: 30 }],
    ["brightness", { brightness: 0.5 }],
    ["contrast", { contrast: 0.5 }],
    ["saturation", { saturation: 0.5 }],
    ["hue", { hue: 0.3 }],
  ] as const)("applies %s, by another amount for each example", (_, input) => {
    const [one, other] = [augmented(input, 1, 0, 0), augmented(input, 1, 0, 1)];
    expect(one).not.toEqual(plain);
    expect(one).not.toEqual(other);
  });
});

describe("augmentationSchema", () => {
  it("knows its presets", () => {
    for (const name of ["none", "light", "strong"] as const) {
      expect(augmentationSchema.parse(name)).toEqual(augmentationPresets[name]);
    }
  });

  it.each([
    "medium",
    { cropArea: [0.9, 0.1] },
    { cropArea: [0, 1] },
    { cropArea: [0.5, 1.5] },
    { hue: 0.6 },
    { horizontalFlip: 2 },
    { blur: 1 },
  ])("refuses %j", (input) => {
    expect(augmentationSchema.safeParse(input).success).toBe(false);
  });
});
