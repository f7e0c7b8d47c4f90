import fc from "fast-check";
import { expect, test } from "vitest";
import { COLOR_HISTOGRAM_BINS, colorHistogram } from "./histogram.js";
import { rgbImage } from "./image.js";

test("each colour counts in the bin of its leading bits", () => {
  const data = Uint8Array.of(0, 0, 0, 63, 63, 63, 255, 128, 64, 192, 191, 127);
  const expected = new Float32Array(64);
  expected[0] = Math.SQRT1_2;
  expected[3 * 16 + 2 * 4 + 1] = Math.SQRT1_2;
  expect(colorHistogram(rgbImage(2, 2, data))).toEqual(expected);
});

test("the length is 1, whatever the image", () => {
  const pixels = fc.uint8Array({ minLength: 3, maxLength: 300 });
  fc.assert(
    fc.property(pixels, (bytes) => {
      const width = Math.floor(bytes.length / 3);
      const histogram = colorHistogram(rgbImage(width, 1, bytes.subarray(0, width * 3)));
      expect(histogram).toHaveLength(COLOR_HISTOGRAM_BINS);
      expect(Math.hypot(...histogram)).toBeCloseTo(1, 6);
    }),
  );
});
