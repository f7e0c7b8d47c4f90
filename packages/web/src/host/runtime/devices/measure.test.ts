import type { Tensor } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { differenceOf, usualBatch } from "./measure.js";

const floats = (...data: number[]): Tensor<"float32"> => ({
  dtype: "float32",
  dims: [data.length],
  data: Float32Array.from(data),
});

describe("differenceOf", () => {
  it("is in parts of the largest value of an output, the worst of all", () => {
    const expected = new Map([
      ["a", floats(0, -8)],
      ["b", floats(1, 2)],
    ]);
    const found = new Map([
      ["a", floats(1, -8)],
      ["b", floats(1, 3)],
    ]);
    expect(differenceOf(expected, found)).toBe(0.5);
    expect(differenceOf(expected, expected)).toBe(0);
  });

  it("makes nothing of the noise in an output that is zero but for it", () => {
    const expected = new Map([
      ["loss", floats(1)],
      ["gradient", floats(1e-9)],
    ]);
    const found = new Map([
      ["loss", floats(1)],
      ["gradient", floats(-1e-9)],
    ]);
    expect(differenceOf(expected, found)).toBeLessThan(1e-5);
  });

  it("is beyond all limits where numbers are none, or outputs are missing", () => {
    const expected = new Map([["a", floats(1, 2)]]);
    for (const found of [
      new Map([["a", floats(1, Number.NaN)]]),
      new Map([["a", floats(1)]]),
      new Map<string, Tensor>(),
    ]) {
      expect(differenceOf(expected, found)).toBe(Number.MAX_VALUE);
    }
  });
});

describe("usualBatch", () => {
  it("repeats the rows of every input", () => {
    const ids: Tensor = {
      dtype: "int64",
      dims: [3, 2],
      data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n),
    };
    const batch = usualBatch(new Map([["ids", ids]])).get("ids")!;
    expect(batch.dims).toEqual([6, 2]);
    expect([...batch.data]).toEqual([...ids.data, ...ids.data]);
  });

  it("leaves a batch that is large enough as it is", () => {
    const feeds = new Map([["x", floats(1, 2, 3, 4, 5, 6, 7, 8)]]);
    expect(usualBatch(feeds)).toBe(feeds);
  });
});
