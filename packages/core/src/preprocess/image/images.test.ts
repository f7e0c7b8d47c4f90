import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ImagePreprocessing } from "../spec.js";
import { preprocessImage } from "./chain.js";
import { readExifOrientation } from "./exif.js";
import { centerCrop, letterbox, orient, resizeShorterSide } from "./geometry.js";
import { type RgbImage, rgbImage } from "./image.js";
import { type ResampleFilter, resize } from "./resample.js";

// The results of Pillow and torchvision, stored by goldens/make.py.

type Pattern = "noise" | "gradient" | "edges";

/** What the bytes of a result are: all of them where they are few, and their SHA-256. */
interface Digest {
  readonly sha256: string;
  readonly data?: string;
}

interface Case extends Digest {
  readonly from: readonly [number, number];
  readonly pattern: Pattern;
  readonly filter: ResampleFilter;
  readonly width: number;
  readonly height: number;
}

interface Goldens {
  readonly resize: readonly (Case & { to: [number, number] })[];
  readonly shorterSide: readonly (Case & { size: number })[];
  readonly centerCrop: readonly (Case & { size: number })[];
  readonly letterbox: readonly (Case & { size: number; fill: [number, number, number] })[];
  readonly efficientNetLite0: readonly (Digest & Pick<Case, "from" | "pattern">)[];
  readonly orientation: readonly {
    readonly container: string;
    readonly orientation: number;
    readonly file: string;
  }[];
  readonly upright: readonly (Case & { orientation: number })[];
}

const goldens: Goldens = JSON.parse(
  readFileSync(new URL("../goldens/images.json", import.meta.url), "utf8"),
);

/** The formula of the same name in goldens/make.py draws it. */
function drawn([width, height]: readonly [number, number], pattern: Pattern): RgbImage {
  const values = {
    noise: (x: number, y: number, c: number) =>
      Math.imul(
        Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(c, 83492791),
        2654435761,
      ) >>> 24,
    gradient: (x: number, y: number, c: number) => x * 3 + y * 5 + c * 80,
    edges: (x: number, y: number, c: number) =>
      (Math.floor(x / 3) + Math.floor(y / 2) + c) % 2 === 0 ? 255 : 0,
  };
  const image = rgbImage(width, height);
  for (let i = 0; i < image.data.length; i++) {
    const pixel = Math.floor(i / 3);
    image.data[i] = values[pattern](pixel % width, Math.floor(pixel / width), i % 3);
  }
  return image;
}

function expectBytes(array: Uint8Array | Float32Array, golden: Digest): void {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (golden.data !== undefined) {
    expect([...bytes]).toEqual([...Buffer.from(golden.data, "base64")]);
  }
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(golden.sha256);
}

function expectImage(image: RgbImage, golden: Case): void {
  expect([image.width, image.height]).toEqual([golden.width, golden.height]);
  expectBytes(image.data, golden);
}

describe("the same pixels as Pillow", () => {
  test.each(goldens.resize)("resize $from $pattern to $to $filter", (golden) => {
    const [width, height] = golden.to;
    expectImage(resize(drawn(golden.from, golden.pattern), width, height, golden.filter), golden);
  });

  test.each(goldens.letterbox)("letterbox $from into $size $filter", (golden) => {
    const image = drawn(golden.from, golden.pattern);
    expectImage(letterbox(image, golden.size, golden.filter, golden.fill), golden);
  });

  test.each(goldens.orientation)("orientation $orientation from a $container", (golden) => {
    expect(readExifOrientation(Buffer.from(golden.file, "base64"))).toBe(golden.orientation);
  });

  test.each(goldens.upright)("orientation $orientation turned upright", (golden) => {
    expectImage(orient(drawn(golden.from, golden.pattern), golden.orientation), golden);
  });
});

describe("the same pixels as torchvision", () => {
  test.each(goldens.shorterSide)("Resize($size) of $from $filter", (golden) => {
    const image = drawn(golden.from, golden.pattern);
    expectImage(resizeShorterSide(image, golden.size, golden.filter), golden);
  });

  test.each(goldens.centerCrop)("CenterCrop($size) of $from", (golden) => {
    expectImage(centerCrop(drawn(golden.from, golden.pattern), golden.size), golden);
  });

  const efficientNetLite0: ImagePreprocessing = {
    kind: "image",
    resize: { mode: "shorter-side", size: 256, filter: "bicubic" },
    centerCrop: 224,
    mean: [127, 127, 127],
    std: [128, 128, 128],
    layout: "nchw",
  };

  test.each(goldens.efficientNetLite0)("EfficientNet-Lite0's chain from $from", (golden) => {
    const image = drawn(golden.from, golden.pattern);
    expectBytes(preprocessImage(image, efficientNetLite0), golden);
  });
});
