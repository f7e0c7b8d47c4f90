import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { AttributeProto_AttributeType, ModelProtoSchema, TensorProto_DataType } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { OnnxError } from "../errors.js";
import { inferTypes } from "../infer/infer-types.js";
import { createGraph, createModel, createNode, float, valueInfo } from "../ir/build.js";
import type { Model } from "../ir/graph.js";
import { subgraphsOf } from "../ir/scope.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { decodeUnverified } from "./decode.js";
import { encodeModel } from "./encode.js";

type ModelInit = MessageInitShape<typeof ModelProtoSchema>;

function decodeProto(init: Exclude<ModelInit, { $typeName: string }>): Model {
  const proto = create(ModelProtoSchema, { irVersion: 8n, ...init });
  return decodeUnverified(toBinary(ModelProtoSchema, proto));
}

function errorOf(action: () => unknown): OnnxError {
  try {
    action();
  } catch (error) {
    if (error instanceof OnnxError) return error;
    throw error;
  }
  throw new Error("expected an OnnxError");
}

const floatType = {
  value: {
    case: "tensorType" as const,
    value: {
      elemType: TensorProto_DataType.FLOAT,
      shape: {
        dim: [
          { value: { case: "dimParam" as const, value: "batch" } },
          { value: { case: "dimValue" as const, value: -1n } },
          { value: { case: "dimValue" as const, value: 3n } },
          {},
        ],
      },
    },
  },
};

describe("decodeModel", () => {
  it("reads symbolic, unknown and fixed sizes", () => {
    const { graph } = decodeProto({ graph: { input: [{ name: "x", type: floatType }] } });
    expect(graph.inputs).toEqual([valueInfo("x", "float32", ["batch", null, 3, null])]);
  });

  it("takes an initializer off the inputs, as files before IR version 4 list it", () => {
    const model = decodeProto({
      irVersion: 3n,
      graph: {
        input: [
          { name: "x", type: floatType },
          { name: "w", type: floatType },
        ],
        initializer: [{ name: "w", dataType: TensorProto_DataType.FLOAT, floatData: [1] }],
      },
    });
    expect(model.irVersion).toBe(4);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(model.graph.initializers.get("w")).toEqual(tensorOf("float32", [], [1]));
  });

  it("knows both spellings of the ONNX domain", () => {
    const model = decodeProto({
      opsetImport: [{ domain: "ai.onnx", version: 12n }],
      graph: { node: [{ opType: "Relu", domain: "ai.onnx", input: ["x"], output: ["y"] }] },
    });
    expect(model.opsets).toEqual(new Map([["", 12]]));
    expect(model.graph.nodes[0]?.domain).toBe("");
  });

  it("keeps the ends of int64 and refuses other integers that a number cannot hold", () => {
    const withInt = (i: bigint): Model =>
      decodeProto({
        graph: {
          node: [
            {
              attribute: [{ name: "a", type: AttributeProto_AttributeType.INT, i }],
              output: ["y"],
            },
          ],
        },
      });
    expect(withInt(2n ** 63n - 1n).graph.nodes[0]?.attributes.get("a")?.value).toBe(2 ** 63);
    expect(decodeUnverified(encodeModel(withInt(2n ** 63n - 1n)))).toEqual(withInt(2n ** 63n - 1n));
    expect(errorOf(() => withInt(2n ** 60n + 1n)).code).toBe("onnx/unsupported");
  });

  it("names everything that is not supported in one error", () => {
    const error = errorOf(() =>
      decodeProto({
        graph: {
          sparseInitializer: [{ values: { name: "sparse_w" } }],
          initializer: [{ name: "c", dataType: TensorProto_DataType.COMPLEX64 }],
          input: [
            { name: "list", type: { value: { case: "sequenceType", value: {} } } },
            { name: "maybe", type: { value: { case: "optionalType", value: {} } } },
            { name: "dictionary", type: { value: { case: "mapType", value: {} } } },
          ],
          node: [
            {
              name: "scale",
              opType: "Mul",
              attribute: [{ name: "s", type: AttributeProto_AttributeType.SPARSE_TENSOR }],
            },
          ],
        },
      }),
    );
    expect(error.code).toBe("onnx/unsupported");
    expect(error.message).toMatchInlineSnapshot(`
      "The model needs what Engraft does not support:
      - initializer "sparse_w" is sparse
      - initializer "c" has element type complex64
      - attribute "s" of node Mul "scale" is a sparse tensor
      - input "list" is of sequence type, not a tensor
      - input "maybe" is of optional type, not a tensor
      - input "dictionary" is of map type, not a tensor"
    `);
  });

  it("takes what goes in and out of a subgraph without a type, and infers it", () => {
    const branch = (operator: string) => ({
      node: [{ opType: operator, input: ["x"], output: [`${operator}_out`] }],
      output: [{ name: `${operator}_out` }],
    });
    const condition = {
      value: {
        case: "tensorType" as const,
        value: { elemType: TensorProto_DataType.BOOL, shape: { dim: [] } },
      },
    };
    const model = decodeProto({
      opsetImport: [{ domain: "", version: 17n }],
      graph: {
        input: [
          { name: "x", type: floatType },
          { name: "condition", type: condition },
        ],
        node: [
          {
            opType: "If",
            input: ["condition"],
            output: ["y"],
            attribute: [
              { name: "then_branch", type: AttributeProto_AttributeType.GRAPH, g: branch("Relu") },
              { name: "else_branch", type: AttributeProto_AttributeType.GRAPH, g: branch("Neg") },
            ],
          },
        ],
        output: [{ name: "y", type: floatType }],
      },
    });
    const typesOf = ({ graph }: Model) =>
      graph.nodes.flatMap(subgraphsOf).map(({ outputs }) => outputs[0]!.type.dtype);
    expect(typesOf(model)).toEqual(["undefined", "undefined"]);
    expect(typesOf(decodeUnverified(encodeModel(model)))).toEqual(["undefined", "undefined"]);
    expect(typesOf(inferTypes(model))).toEqual(["float32", "float32"]);
  });

  it("refuses bytes that are no model", () => {
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.from("<!doctype html>", (letter) => letter.charCodeAt(0)),
      new Uint8Array(1000),
      Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f),
    ]) {
      expect(errorOf(() => decodeUnverified(bytes)).code).toBe("onnx/malformed");
    }
  });
});

describe("damaged files", () => {
  const branch = createGraph({
    nodes: [createNode("Neg", ["x"], ["n"])],
    outputs: [valueInfo("n", "float32", ["batch"])],
  });
  const file = encodeModel(
    createModel({
      metadata: [["k", "v"]],
      graph: createGraph({
        nodes: [
          createNode("If", ["c"], ["h"], { then_branch: branch, else_branch: branch }),
          createNode("Gemm", ["h", "w"], ["y"], { alpha: float(1), perm: [0, 1], mode: "x" }),
        ],
        inputs: [valueInfo("x", "float32", ["batch"]), valueInfo("c", "bool", [])],
        outputs: [valueInfo("y", "float32", ["batch", 2])],
        initializers: [
          ["w", tensorOf("float16", [2, 2], [1, 2, 3, 4])],
          ["names", { dtype: "string", dims: [2], data: ["a", "ß"] }],
          ["q", tensorOf("int4", [3], [1, 2, 3])],
        ],
        valueTypes: [["h", { dtype: "float32", shape: undefined }]],
      }),
    }),
  );

  function decodeOrRefuse(bytes: Uint8Array): void {
    try {
      decodeUnverified(bytes);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
    }
  }

  it("are read or refused at every truncation", () => {
    for (let length = 0; length < file.length; length++) decodeOrRefuse(file.subarray(0, length));
  });

  it("are read or refused with any byte changed", () => {
    for (let index = 0; index < file.length; index++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const damaged = file.slice();
        damaged[index]! ^= flip;
        decodeOrRefuse(damaged);
      }
    }
  });

  it("are read or refused with several bytes changed, added or removed", () => {
    const edit = fc.tuple(fc.nat(file.length - 1), fc.nat(2), fc.uint8Array({ maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        const bytes = [...file];
        for (const [index, removed, added] of edits) bytes.splice(index, removed, ...added);
        decodeOrRefuse(Uint8Array.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it("are refused when graphs nest too deep", () => {
    let graph = branch;
    for (let depth = 0; depth < 200; depth++) {
      graph = createGraph({
        nodes: [createNode("If", [], [], { then_branch: graph })],
        outputs: [],
      });
    }
    const error = errorOf(() => decodeUnverified(encodeModel(createModel({ graph }))));
    expect(error.code).toBe("onnx/malformed");
  });
});
