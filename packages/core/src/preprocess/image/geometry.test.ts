import fc from "fast-check";
import { expect, test } from "vitest";
import { centerCrop, letterbox, orient, shorterSideSize } from "./geometry.js";
import { type RgbImage, rgbImage } from "./image.js";

const anyImage: fc.Arbitrary<RgbImage> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((data) => rgbImage(width, height, data)),
  );

test("an orientation and its inverse cancel", () => {
  // Quarter turns undo each other; every other orientation is its own inverse.
  const inverse = (orientation: number): number =>
    new Map([
      [6, 8],
      [8, 6],
    ]).get(orientation) ?? orientation;
  fc.assert(
    fc.property(anyImage, fc.integer({ min: 1, max: 8 }), (image, orientation) => {
      expect(orient(orient(image, orientation), inverse(orientation))).toEqual(image);
    }),
  );
});

test.each([0, 9, -1, 2.5, Number.NaN])("the undefined orientation %s changes nothing", (value) => {
  const image = rgbImage(2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6));
  expect(orient(image, value)).toEqual(image);
});

test("the longer side is truncated, not rounded", () => {
  expect(shorterSideSize({ width: 37, height: 50 }, 25)).toEqual({ width: 25, height: 33 });
  expect(shorterSideSize({ width: 50, height: 30 }, 7)).toEqual({ width: 11, height: 7 });
});

test("a crop larger than the image centres it on black", () => {
  const cropped = centerCrop(rgbImage(1, 1, Uint8Array.of(7, 8, 9)), 2);
  expect([...cropped.data]).toEqual([7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("letterbox keeps at least one row of a very wide image", () => {
  const boxed = letterbox(rgbImage(400, 1, new Uint8Array(1200).fill(200)), 4, "bilinear");
  const rows = [0, 1, 2, 3].map((row) => boxed.data[row * 12]);
  expect(rows.filter((value) => value === 200)).toHaveLength(1);
});
