import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createGraph, createModel, createNode, float, floats, valueInfo } from "../ir/build.js";
import type { Attribute, Dim, Model, TensorType } from "../ir/graph.js";
import type { DataType, Tensor } from "../ir/tensor/tensor.js";
import { createTensor, tensorOf } from "../ir/tensor/tensor-data.js";
import { inferTypes } from "./infer-types.js";

/** Types that onnx.shape_inference and a run of ONNX Runtime give; see goldens/make.py. */

type ListedType = readonly [DataType, readonly Dim[] | null];

interface Listed {
  readonly dtype: Exclude<DataType, "string" | "undefined">;
  readonly shape: readonly Dim[];
  /** Of a constant; 64-bit integers as text. */
  readonly data?: readonly (number | string | boolean)[];
}

type ListedAttribute = number | string | readonly number[] | { tensor: Listed } | { float: number };

interface Case {
  readonly op: string;
  readonly domain?: string;
  readonly opset: number;
  readonly inputs: readonly (Listed | null)[];
  readonly attributes: Readonly<Record<string, ListedAttribute>>;
  readonly outputs: number;
  readonly inferred: readonly (ListedType | null)[] | null;
  readonly actual: readonly ListedType[] | null;
}

const goldens: { readonly sizes: Record<string, number>; readonly cases: readonly Case[] } =
  JSON.parse(readFileSync(new URL("goldens/shapes.json", import.meta.url), "utf8"));

/** Operators whose output sizes depend on what the data is. */
const dataDependent = new Set(["NonZero", "Compress", "Unique"]);

const floatLists = new Set(["value_floats", "scales"]);

function tensorOfListed({ dtype, shape, data = [] }: Listed): Tensor {
  const dims = shape.map(Number);
  if (dtype === "int64") return createTensor(dtype, dims, BigInt64Array.from(data, BigInt));
  return tensorOf(dtype, dims, data.map(Number));
}

function attributeOf(name: string, value: ListedAttribute): Attribute | number | string {
  if (typeof value === "number" || typeof value === "string") return value;
  if ("tensor" in value) return { kind: "tensor", value: tensorOfListed(value.tensor) };
  if ("float" in value) return float(value.float);
  return floatLists.has(name) ? floats(value) : { kind: "ints", value };
}

function modelOf(item: Case): Model {
  const named = item.inputs.flatMap((listed, index) =>
    listed ? [{ name: `x${index}`, listed }] : [],
  );
  const attributes = Object.entries(item.attributes).map(
    ([name, value]) => [name, attributeOf(name, value)] as const,
  );
  const outputs = Array.from({ length: item.outputs }, (_, index) => `y${index}`);
  const domain = item.domain ?? "";
  const node = createNode(
    item.op,
    item.inputs.map((listed, index) => (listed ? `x${index}` : "")),
    outputs,
    Object.fromEntries(attributes),
    { domain },
  );
  const graph = createGraph({
    nodes: [node],
    inputs: named
      .filter(({ listed }) => listed.data === undefined)
      .map(({ name, listed }) => valueInfo(name, listed.dtype, listed.shape)),
    // Outputs only: what is not inferred must not be declared.
    outputs: [],
    initializers: named
      .filter(({ listed }) => listed.data !== undefined)
      .map(({ name, listed }) => [name, tensorOfListed(listed)] as const),
  });
  const opsets: [string, number][] = domain === "" ? [] : [[domain, 1]];
  return createModel({ graph, opset: item.opset, opsets });
}

function outputTypes(item: Case, model: Model): (TensorType | undefined)[] {
  return Array.from({ length: item.outputs }, (_, index) =>
    model.graph.valueTypes.get(`y${index}`),
  );
}

function titleOf(item: Case): string {
  const inputs = item.inputs.map((listed) => (listed ? `[${listed.shape.join(",")}]` : "-"));
  return `${item.op} ${item.opset} ${inputs.join(" ")} ${JSON.stringify(item.attributes).slice(0, 60)}`;
}

/** Whether inference knows everything that the reference knows, and nothing else. */
function agrees(inferred: TensorType | undefined, reference: ListedType): boolean {
  const [dtype, shape] = reference;
  if (inferred?.dtype !== dtype) return false;
  if (shape === null) return true;
  const { shape: own } = inferred;
  return (
    own?.length === shape.length && shape.every((dim, axis) => dim === null || own[axis] === dim)
  );
}

describe("single operators", () => {
  test.for(goldens.cases.map((item) => [titleOf(item), item] as const))("%s", ([, item]) => {
    const model = modelOf(item);
    if (item.inferred !== null) {
      const types = outputTypes(item, inferTypes(model));
      for (const [index, reference] of item.inferred.entries()) {
        if (reference === null) continue;
        expect(
          agrees(types[index], reference),
          JSON.stringify({ own: types[index], reference }),
        ).toBe(true);
      }
    }
    if (item.actual !== null) {
      const used = model.graph.inputs.flatMap(({ type }) => type.shape ?? []);
      const dims = Object.entries(goldens.sizes).filter(([name]) => used.includes(name));
      const types = outputTypes(item, inferTypes(model, { dims: Object.fromEntries(dims) }));
      if (dataDependent.has(item.op)) return;
      expect(types).toEqual(item.actual.map(([dtype, shape]) => ({ dtype, shape })));
    }
  });

  test("the cases are many, and most of them were run", () => {
    expect(goldens.cases.length).toBeGreaterThan(280);
    expect(goldens.cases.filter(({ actual }) => actual === null).length).toBeLessThan(5);
  });
});
