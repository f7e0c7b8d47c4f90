import { createTensor, type Tensor } from "@engraft/onnx";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { DataError } from "../errors.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";

const dims = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

/** Any tensor of the element types that have an array of their own. */
const tensor: fc.Arbitrary<Tensor> = dims.chain((shape) => {
  const minLength = shape.reduce((product, size) => product * size, 1);
  const exactly = { minLength, maxLength: minLength };
  return fc.oneof(
    fc.float32Array(exactly).map((data) => createTensor("float32", shape, data)),
    fc.float64Array(exactly).map((data) => createTensor("float64", shape, data)),
    fc.bigInt64Array(exactly).map((data) => createTensor("int64", shape, data)),
    fc.int32Array(exactly).map((data) => createTensor("int32", shape, data)),
    fc.uint16Array(exactly).map((data) => createTensor("float16", shape, data)),
    fc.int8Array(exactly).map((data) => createTensor("int8", shape, data)),
    fc.uint8Array(exactly).map((data) => createTensor("uint8", shape, data)),
  );
});

const names = fc.oneof(
  fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__"),
  fc.constantFrom("__proto__", "constructor", "a.b", ""),
);
const tensors = fc.uniqueArray(fc.tuple(names, tensor), {
  selector: ([name]) => name,
  maxLength: 6,
});
const keys = fc.oneof(fc.string(), fc.constantFrom("__proto__", "__metadata__", "constructor"));
const metadata = fc
  .array(fc.tuple(keys, fc.string()), { maxLength: 3 })
  .map((entries) => new Map(entries));

describe("safetensors", () => {
  test.prop([tensors, metadata])("come back as they were written", (entries, text) => {
    const written = encodeSafetensors(new Map(entries), text);
    const read = decodeSafetensors(written);
    expect(new Map(read.tensors)).toEqual(new Map(entries));
    expect(read.metadata).toEqual(text);
  });

  it("keep the metadata called __proto__, which JSON may hold", () => {
    const text = new Map([["__proto__", "a"]]);
    expect(decodeSafetensors(encodeSafetensors(new Map(), text)).metadata).toEqual(text);
  });

  it("have no tensor where the format keeps its metadata", () => {
    const weight = createTensor("float32", [1], new Float32Array(1));
    expect(() => encodeSafetensors(new Map([["__metadata__", weight]]))).toThrow(
      /"__metadata__".*Rename it/,
    );
  });

  test.prop([tensors, fc.integer({ min: 0, max: 7 })])(
    "are the same bytes in whatever order, wherever they lie in memory",
    (entries, offset) => {
      const written = encodeSafetensors(new Map(entries));
      expect(encodeSafetensors(new Map([...entries].reverse()))).toEqual(written);
      const moved = new Uint8Array(written.length + offset);
      moved.set(written, offset);
      const read = decodeSafetensors(moved.subarray(offset));
      expect(read).toEqual(decodeSafetensors(written));
    },
  );

  test.prop([tensors, fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 300 })(
    "with a byte changed or cut off are read or refused, never anything else",
    (entries, at, change) => {
      const written = encodeSafetensors(new Map(entries));
      const altered = written.slice();
      altered[at % written.length]! ^= change;
      for (const bytes of [altered, written.subarray(0, at % written.length)]) {
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }
    },
  );

  it.each([
    ["no header", new Uint8Array(3), /shorter than its header/],
    ["a header longer than the file", file("{}", 0, 900n), /does not fit/],
    ["no JSON", file("{,}"), /not JSON/],
    ["a list", file("[]"), /not an object/],
    ["an entry without offsets", file('{"a":{"dtype":"F32","shape":[1]}}'), /"a" is malformed/],
    ["an unknown element type", file(entry("Q4", [1], [0, 4]), 4), /unknown element type Q4/],
    ["too few bytes for the shape", file(entry("F32", [2], [0, 4]), 4), /has 4 bytes/],
    ["a hole", file(entry("F32", [1], [4, 8]), 8), /does not follow/],
    ["bytes that nothing names", file(entry("F32", [1], [0, 4]), 8), /does not end/],
    ["metadata that is no text", file('{"__metadata__":{"a":1}}'), /metadata/],
  ])("with %s are refused", (_, bytes, message) => {
    const read = () => decodeSafetensors(bytes);
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
  });
});

function entry(dtype: string, shape: number[], offsets: number[]): string {
  return JSON.stringify({ a: { dtype, shape, data_offsets: offsets } });
}

function file(header: string, dataBytes = 0, length = BigInt(header.length)): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}
