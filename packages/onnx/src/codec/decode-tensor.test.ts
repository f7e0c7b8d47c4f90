import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  TensorProto_DataLocation,
  type TensorProtoSchema,
} from "onnx-buf";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../ir/tensor/tensor.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { unreadData } from "../ir/tensor/unread-tensor.js";
import { type DecodeOptions, decodeUnverified } from "./decode.js";
import { encodeModel } from "./encode.js";

type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

/** Bytes of a model whose one initializer is written as given, not as our encoder would. */
function modelWith(tensor: TensorInit): Uint8Array<ArrayBuffer> {
  const graph = { initializer: [{ ...tensor, name: "w" } as TensorInit] };
  const opsetImport = [{ domain: "", version: 17n }];
  return Uint8Array.from(
    toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph })),
  );
}

function decodeInitializer(tensor: TensorInit, options?: DecodeOptions): Tensor {
  const decoded = decodeUnverified(modelWith(tensor), options).graph.initializers.get("w");
  if (decoded === undefined) throw new Error("the initializer is missing");
  return decoded;
}

describe("typed fields", () => {
  it.each<[string, TensorInit, Tensor]>([
    [
      "float32",
      { dataType: DataType.FLOAT, floatData: [1.5, -2] },
      tensorOf("float32", [2], [1.5, -2]),
    ],
    [
      "float64",
      { dataType: DataType.DOUBLE, doubleData: [0.1, -2] },
      tensorOf("float64", [2], [0.1, -2]),
    ],
    [
      "float16",
      { dataType: DataType.FLOAT16, int32Data: [0x3c00, 0xc000] },
      tensorOf("float16", [2], [1, -2]),
    ],
    [
      "bfloat16",
      { dataType: DataType.BFLOAT16, int32Data: [0x3f80, 0xc000] },
      tensorOf("bfloat16", [2], [1, -2]),
    ],
    [
      "int8",
      { dataType: DataType.INT8, int32Data: [-128, 127] },
      tensorOf("int8", [2], [-128, 127]),
    ],
    ["uint8", { dataType: DataType.UINT8, int32Data: [0, 255] }, tensorOf("uint8", [2], [0, 255])],
    [
      "int16",
      { dataType: DataType.INT16, int32Data: [-300, 300] },
      tensorOf("int16", [2], [-300, 300]),
    ],
    [
      "uint16",
      { dataType: DataType.UINT16, int32Data: [1, 65535] },
      tensorOf("uint16", [2], [1, 65535]),
    ],
    ["int32", { dataType: DataType.INT32, int32Data: [-7, 7] }, tensorOf("int32", [2], [-7, 7])],
    [
      "uint32",
      { dataType: DataType.UINT32, uint64Data: [7n, 4294967295n] },
      tensorOf("uint32", [2], [7, 4294967295]),
    ],
    ["int64", { dataType: DataType.INT64, int64Data: [-1n, 5n] }, tensorOf("int64", [2], [-1, 5])],
    [
      "uint64",
      { dataType: DataType.UINT64, uint64Data: [1n, 5n] },
      tensorOf("uint64", [2], [1, 5]),
    ],
    ["bool", { dataType: DataType.BOOL, int32Data: [0, 7] }, tensorOf("bool", [2], [0, 1])],
    ["int4", { dataType: DataType.INT4, int32Data: [0x7f] }, tensorOf("int4", [2], [-1, 7])],
    ["uint4", { dataType: DataType.UINT4, int32Data: [0x7f] }, tensorOf("uint4", [2], [15, 7])],
  ])("reads %s", (_dtype, proto, expected) => {
    expect(decodeInitializer({ ...proto, dims: [2n] } as TensorInit)).toEqual(expected);
  });
});

describe("raw data", () => {
  it("unpacks 4-bit elements, low half first, and ignores the padding of an odd count", () => {
    const rawData = Uint8Array.of(0xe1, 0xf8);
    const dims = [3n];
    expect(decodeInitializer({ dataType: DataType.INT4, dims, rawData })).toEqual(
      tensorOf("int4", [3], [1, -2, -8]),
    );
    expect(decodeInitializer({ dataType: DataType.UINT4, dims, rawData })).toEqual(
      tensorOf("uint4", [3], [1, 14, 8]),
    );
  });

  it("reads elements at every alignment, and copies only where it must", () => {
    const values = Float32Array.of(1, 2, 3);
    const file = modelWith({
      dataType: DataType.FLOAT,
      dims: [3n],
      rawData: new Uint8Array(values.buffer),
    });
    const views = [0, 1, 2, 3].map((shift) => {
      const bytes = new Uint8Array(file.length + shift).subarray(shift);
      bytes.set(file);
      const tensor = decodeUnverified(bytes).graph.initializers.get("w") as Tensor<"float32">;
      expect(tensor.data).toEqual(values);
      return tensor.data.buffer === bytes.buffer;
    });
    expect(views.filter((isView) => isView)).toHaveLength(1);
  });

  it("copies what is not aligned when its elements are looked at, and writes them as they are then", () => {
    const values = Float32Array.of(1, 2, 3);
    const file = modelWith({
      dataType: DataType.FLOAT,
      dims: [3n],
      rawData: new Uint8Array(values.buffer),
    });
    const written = [0, 1, 2, 3].map((shift) => {
      const bytes = new Uint8Array(file.length + shift).subarray(shift);
      bytes.set(file);
      const model = decodeUnverified(bytes);
      const tensor = model.graph.initializers.get("w") as Tensor<"float32">;
      const isUnread = unreadData(tensor) !== undefined;
      const untouched = encodeModel(model);
      const copy = { ...tensor, dims: [1, 3] };
      expect(copy).toEqual(tensorOf("float32", [1, 3], [1, 2, 3]));
      expect(unreadData(tensor)).toBeUndefined();
      expect(tensor.data).toBe(tensor.data);
      expect(encodeModel(model)).toEqual(untouched);
      tensor.data[1] = 7;
      const changed = decodeUnverified(encodeModel(model)).graph.initializers.get("w");
      expect(changed).toEqual(tensorOf("float32", [3], [1, 7, 3]));
      return isUnread;
    });
    expect(written.filter((isUnread) => isUnread)).toHaveLength(3);
  });

  it.each([
    ["too few bytes", { dims: [3n], rawData: new Uint8Array(8) }],
    ["too many bytes", { dims: [1n], rawData: new Uint8Array(8) }],
    ["no data", { dims: [1n] }],
    ["a negative dimension", { dims: [-1n], rawData: new Uint8Array(4) }],
    ["an enormous dimension", { dims: [2n ** 40n, 2n ** 40n] }],
  ])("refuses %s", (_case, proto) => {
    expect(() => decodeInitializer({ ...proto, dataType: DataType.FLOAT } as TensorInit)).toThrow(
      expect.objectContaining({ code: "onnx/malformed" }),
    );
  });
});

describe("external data", () => {
  function external(entries: Record<string, string>): TensorInit {
    return {
      dataType: DataType.FLOAT,
      dims: [2n],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    };
  }
  const file = new Uint8Array(Float32Array.of(0, 1, 2, 3).buffer);
  const options: DecodeOptions = { externalData: () => file };

  it("honours offset and length", () => {
    const tensor = decodeInitializer(
      external({ location: "w.bin", offset: "4", length: "8" }),
      options,
    );
    expect(tensor).toEqual(tensorOf("float32", [2], [1, 2]));
  });

  it("starts at the beginning where there is no offset", () => {
    expect(decodeInitializer(external({ location: "w.bin" }), options).data).toEqual(
      Float32Array.of(0, 1),
    );
  });

  it("asks for each file once", () => {
    const asked: string[] = [];
    const tensor = external({ location: "dir/w.bin" });
    const graph = {
      initializer: [
        { ...tensor, name: "a" },
        { ...tensor, name: "b" },
      ],
    };
    const proto = create(ModelProtoSchema, { irVersion: 8n, graph } as MessageInitShape<
      typeof ModelProtoSchema
    >);
    decodeUnverified(toBinary(ModelProtoSchema, proto), {
      externalData: (location) => {
        asked.push(location);
        return file;
      },
    });
    expect(asked).toEqual(["dir/w.bin"]);
  });

  it("says which option is missing", () => {
    expect(() => decodeInitializer(external({ location: "w.bin" }))).toThrow(
      /external file "w\.bin".*externalData/,
    );
  });

  it.each<[string, Record<string, string>]>([
    ["a range beyond the file", { location: "w.bin", offset: "12" }],
    ["an offset that is no number", { location: "w.bin", offset: "x" }],
    ["a negative offset", { location: "w.bin", offset: "-4" }],
    ["a length that does not fit the shape", { location: "w.bin", length: "4" }],
    ["a path out of the folder", { location: "../w.bin" }],
    ["a path out of the folder, inside", { location: "a/../../w.bin" }],
    ["an absolute path", { location: "/etc/passwd" }],
    ["a path with a drive", { location: "C:\\w.bin" }],
    ["no location", {}],
  ])("refuses %s", (_case, entries) => {
    expect(() => decodeInitializer(external(entries), options)).toThrow(
      expect.objectContaining({ code: "onnx/malformed" }),
    );
  });
});
