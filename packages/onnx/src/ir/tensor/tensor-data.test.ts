import { describe, expect, it } from "vitest";
import {
  createTensor,
  elementCount,
  int64OfNumber,
  numberOfInt64,
  numbersOf,
  scalarOf,
  tensorOf,
} from "./tensor-data.js";

describe("tensors", () => {
  it("count one element without dimensions and none with an empty one", () => {
    expect([elementCount([]), elementCount([2, 3]), elementCount([2, 0])]).toEqual([1, 6, 0]);
  });

  it("convert written values to the storage of their type, and back", () => {
    expect(tensorOf("int64", [2], [1, -1]).data).toEqual(BigInt64Array.of(1n, -1n));
    expect(tensorOf("float16", [2], [1, 1e6]).data).toEqual(Uint16Array.of(0x3c00, 0x7c00));
    expect(scalarOf("float64", 0.1)).toEqual({
      dtype: "float64",
      dims: [],
      data: Float64Array.of(0.1),
    });
    for (const dtype of ["int64", "uint64", "float16", "bfloat16", "int4", "bool"] as const) {
      expect(numbersOf(tensorOf(dtype, [2], [1, 0]))).toEqual([1, 0]);
    }
  });

  it("must have as many elements as their dimensions say", () => {
    expect(() => createTensor("float32", [2, 2], new Float32Array(3))).toThrow(
      "A float32 tensor of shape [2, 2] needs 4 elements, and the data has 3.",
    );
  });

  it("have no numbers when they hold strings", () => {
    expect(() => numbersOf(createTensor("string", [1], ["1"]))).toThrow(
      expect.objectContaining({ code: "onnx/unsupported" }),
    );
  });
});

describe("64-bit integers", () => {
  it("keep the ends of their range in tensors that are written by hand", () => {
    const { data } = tensorOf("int64", [2], [2 ** 63, -(2 ** 63)]);
    expect([...data]).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
  });

  it.each([0n, -1n, 2n ** 53n - 1n, 2n ** 63n - 1n, -(2n ** 63n)])("keep %s", (value) => {
    expect(int64OfNumber(numberOfInt64(value))).toBe(value);
  });

  it.each([2n ** 53n, -(2n ** 60n), 2n ** 63n])(
    "refuse %s, which a number cannot tell from its neighbours",
    (value) => {
      expect(() => numberOfInt64(value)).toThrow(
        expect.objectContaining({ code: "onnx/unsupported" }),
      );
    },
  );

  it.each([0.5, Number.NaN, 2 ** 53, Infinity])("are not made from %s", (value) => {
    expect(() => int64OfNumber(value)).toThrow(
      expect.objectContaining({ code: "onnx/invalid-graph" }),
    );
  });
});
