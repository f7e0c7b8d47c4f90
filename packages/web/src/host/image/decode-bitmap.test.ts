import { createRandom } from "@engraft/core";
import { describe, expect, it } from "vitest";
import { decodeBitmap } from "./decode-bitmap.js";
import { encodeBitmap } from "./encode-bitmap.js";

/** Pixels of a canvas, without transparency. */
function drawPixels(width: number, height: number) {
  const random = createRandom(width * 100 + height);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : random.integer(256);
  return { width, height, data };
}

describe("a bitmap of a canvas", () => {
  it.each([
    [1, 1],
    [3, 5],
    [4, 2],
    [7, 1],
  ])("has the pixels of the canvas: %i x %i", (width, height) => {
    const canvas = drawPixels(width, height);
    const decoded = decodeBitmap(encodeBitmap(canvas));
    const colours = [...canvas.data].filter((_, at) => at % 4 !== 3);
    expect(decoded).toEqual({ width, height, data: Uint8Array.from(colours) });
  });

  it("is left to the decoders of the browser where it is another file", () => {
    const file = encodeBitmap(drawPixels(3, 2));
    const altered = (at: number, value: number) => file.map((byte, i) => (i === at ? value : byte));
    expect(decodeBitmap(file.subarray(0, -1))).toBeUndefined();
    expect(decodeBitmap(file.subarray(0, 20))).toBeUndefined();
    expect(decodeBitmap(altered(0, 0x41))).toBeUndefined();
    expect(decodeBitmap(altered(28, 32))).toBeUndefined();
    expect(decodeBitmap(altered(30, 1))).toBeUndefined();
    // The first row stands first.
    expect(decodeBitmap(altered(25, 0xff))).toBeUndefined();
  });
});
