import fc from "fast-check";
import { expect, test } from "vitest";
import { type RgbImage, rgbImage } from "./image.js";
import { resize } from "./resample.js";

const side = fc.integer({ min: 1, max: 24 });
const filter = fc.constantFrom("bilinear" as const, "bicubic" as const);
const anyImage: fc.Arbitrary<RgbImage> = fc
  .tuple(side, side)
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((data) => rgbImage(width, height, data)),
  );

test("the same size is the same image", () => {
  fc.assert(
    fc.property(anyImage, filter, (image, kernel) => {
      expect(resize(image, image.width, image.height, kernel)).toEqual(image);
    }),
  );
});

test("one colour stays that colour", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(side, side, side, side, byte, filter, (fromX, fromY, toX, toY, value, kernel) => {
      const image = rgbImage(fromX, fromY, new Uint8Array(fromX * fromY * 3).fill(value));
      expect(new Set(resize(image, toX, toY, kernel).data)).toEqual(new Set([value]));
    }),
  );
});

test("a region has the pixels of the whole", () => {
  fc.assert(
    fc.property(anyImage, side, side, filter, fc.gen(), (image, width, height, kernel, draw) => {
      const left = draw(fc.integer, { min: 0, max: width - 1 });
      const top = draw(fc.integer, { min: 0, max: height - 1 });
      const region = {
        left,
        top,
        width: draw(fc.integer, { min: 1, max: width - left }),
        height: draw(fc.integer, { min: 1, max: height - top }),
      };
      const whole = resize(image, width, height, kernel);
      const part = resize(image, width, height, kernel, region);
      for (let y = 0; y < region.height; y++) {
        const start = ((top + y) * width + left) * 3;
        expect(part.data.slice(y * region.width * 3, (y + 1) * region.width * 3)).toEqual(
          whole.data.slice(start, start + region.width * 3),
        );
      }
    }),
  );
});

test("the source is not changed, even where it is a view of other memory", () => {
  const memory = new Uint8Array(100).fill(9);
  const image = rgbImage(4, 4, memory.subarray(10, 58));
  expect(resize(image, 7, 3, "bicubic").data).toEqual(new Uint8Array(63).fill(9));
  expect(memory).toEqual(new Uint8Array(100).fill(9));
});
