import { describe, expect, test } from "vitest";
import { UsageError } from "../../errors.js";
import type { ImagePreprocessing } from "../spec.js";
import { imagePreprocessedSize, preprocessImage } from "./chain.js";
import { centerCrop, letterbox, resizeShorterSide } from "./geometry.js";
import { type RgbImage, rgbImage } from "./image.js";
import { toPixels } from "./pixels.js";
import { resize } from "./resample.js";

const image: RgbImage = rgbImage(
  11,
  7,
  Uint8Array.from({ length: 231 }, (_, i) => (i * i) % 256),
);
const spec: ImagePreprocessing = {
  kind: "image",
  resize: { mode: "shorter-side", size: 6, filter: "bilinear" },
  centerCrop: 5,
  mean: [10, 20, 30],
  std: [2, 4, 8],
  layout: "nhwc",
};

describe("preprocessImage", () => {
  const { size, filter } = spec.resize;
  const fill = [1, 2, 3] as const;
  const cases: readonly [string, Partial<ImagePreprocessing>, RgbImage][] = [
    ["shorter side and crop", {}, centerCrop(resizeShorterSide(image, size, filter), 5)],
    [
      "a crop that is larger than the image",
      { centerCrop: 8 },
      centerCrop(resizeShorterSide(image, size, filter), 8),
    ],
    ["no crop", { centerCrop: undefined }, resizeShorterSide(image, size, filter)],
    [
      "exact and crop",
      { resize: { ...spec.resize, mode: "exact" } },
      centerCrop(resize(image, size, size, filter), 5),
    ],
    [
      "letterbox",
      { resize: { ...spec.resize, mode: "letterbox", fill }, centerCrop: undefined },
      letterbox(image, size, filter, fill),
    ],
  ];

  test.each(cases)("%s", (_, change, expected) => {
    const changed = { ...spec, ...change };
    expect(preprocessImage(image, changed)).toEqual(toPixels(expected, changed));
  });

  test("a strip that would be millions of pixels wide is cropped without resizing all of it", () => {
    const strip = rgbImage(60_000, 1, new Uint8Array(180_000).fill(12));
    const pixels = preprocessImage(strip, {
      ...spec,
      resize: { mode: "shorter-side", size: 4096, filter: "bicubic" },
    });
    expect(pixels.subarray(0, 3)).toEqual(Float32Array.of(1, -2, -2.25));
  });

  test("data that does not fit the size is refused", () => {
    const rgba = { width: 2, height: 2, data: new Uint8Array(16) };
    expect(() => preprocessImage(rgba, spec)).toThrow(UsageError);
  });
});

test("toPixels normalises each channel and lays it out", () => {
  const two = rgbImage(2, 1, Uint8Array.of(10, 24, 22, 12, 16, 46));
  expect(toPixels(two, spec)).toEqual(Float32Array.of(0, 1, -1, 1, -1, 2));
  expect(toPixels(two, { ...spec, layout: "nchw" })).toEqual(Float32Array.of(0, 1, 1, -1, -1, 2));
});

describe("imagePreprocessedSize", () => {
  test("is the crop's, or the size of a square", () => {
    expect(imagePreprocessedSize(spec)).toEqual({ width: 5, height: 5 });
    const square = { ...spec, centerCrop: undefined };
    for (const mode of ["exact", "letterbox"] as const) {
      const resized = { ...square, resize: { ...spec.resize, mode } };
      expect(imagePreprocessedSize(resized)).toEqual({ width: 6, height: 6 });
    }
  });

  test("is unknown where it depends on the image", () => {
    expect(() => imagePreprocessedSize({ ...spec, centerCrop: undefined })).toThrow(UsageError);
  });
});
