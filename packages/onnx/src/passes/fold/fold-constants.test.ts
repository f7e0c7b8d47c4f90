import * as fc from "fast-check";
import { Tensor as RuntimeTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import {
  type Attributes,
  bools,
  expectSame,
  floats,
  int,
  ints,
  modelOfNode,
  reshaped,
  resultsOf,
} from "../../../test/single-node.js";
import { inferTypes } from "../../infer/infer-types.js";
import { createGraph, createModel, createNode, float, valueInfo } from "../../ir/build.js";
import type { Model, Node } from "../../ir/graph.js";
import { printGraph } from "../../ir/print.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { verify } from "../../verify/verify.js";
import { foldConstants } from "./fold-constants.js";

const matrix = reshaped(ints(1, -2, 3, 4, 0, -6), 2, 3);

/** One step of a random program over a growing list of values. */
interface Step {
  readonly operator: string;
  readonly first: number;
  readonly second: number;
  readonly detail: number;
}

const binary = ["Add", "Sub", "Mul", "Max", "Min", "Equal", "Less"];
const steps = fc.array(
  fc.record({
    operator: fc.constantFrom(
      ...binary,
      ...[
        "Shape",
        "Gather",
        "Slice",
        "Concat",
        "Unsqueeze",
        "Reshape",
        "Transpose",
        "Expand",
        "Tile",
      ],
      ...["Neg", "Abs", "Cast", "ReduceSum", "ReduceMax", "CumSum", "Identity", "Where", "Split"],
    ),
    first: fc.nat(),
    second: fc.nat(),
    detail: fc.integer({ min: -3, max: 3 }),
  }),
  { minLength: 3, maxLength: 14 },
);

function nodeOf(
  { operator, first, second, detail }: Step,
  values: readonly string[],
  index: number,
): Node {
  const a = values[first % values.length]!;
  const b = values[second % values.length]!;
  const constant = `c${detail}`;
  const list = `l${detail}`;
  const inputs: Record<string, string[]> = {
    Gather: [a, constant],
    Slice: [a, list, "end", "l0"],
    Concat: [a, b],
    Unsqueeze: [a, "l0"],
    Reshape: [a, detail === 0 ? "l-1" : b],
    Expand: [a, b],
    Tile: [a, "l2"],
    ReduceSum: [a, list],
    ReduceMax: [a],
    CumSum: [a, "c0"],
    Where: ["flags", a, b],
  };
  const attributes: Record<string, Attributes> = {
    Concat: { axis: 0 },
    Cast: { to: detail > 0 ? 1 : 7 },
    ReduceMax: { axes: [0], keepdims: detail > 0 ? 1 : 0 },
  };
  const outputs = operator === "Split" ? [`v${index}`, `w${index}`] : [`v${index}`];
  const wanted = inputs[operator] ?? (binary.includes(operator) ? [a, b] : [a]);
  return createNode(operator, wanted, outputs, attributes[operator]);
}

/** Adds each step that is valid, and makes every value an output. */
function randomModel(program: readonly Step[]): Model {
  const constants = [-3, -2, -1, 0, 1, 2, 3];
  const initializers: [string, Tensor][] = [
    ...constants.map((value): [string, Tensor] => [`c${value}`, int(value)]),
    ...constants.map((value): [string, Tensor] => [`l${value}`, ints(value)]),
    ["end", ints(2 ** 31 - 1)],
    ["flags", bools(1, 0)],
    ["m", matrix],
    ["f", floats(0.5, -1.5)],
  ];
  let graph = createGraph({
    nodes: [],
    inputs: [valueInfo("x", "float32", ["batch", 2])],
    outputs: [],
    initializers,
  });
  let values = ["x", "m", "f", "l2", "c3"];
  for (const [index, step] of program.entries()) {
    const node = nodeOf(step, values, index);
    const next = { ...graph, nodes: [...graph.nodes, node] };
    if (!isValid(next, node)) continue;
    graph = next;
    values = [...values, ...node.outputs];
  }
  const { valueTypes } = inferTypes(createModel({ graph })).graph;
  const outputs = [...valueTypes].map(([name, { dtype }]) => valueInfo(name, dtype));
  return createModel({ graph: { ...graph, outputs } });
}

/** Whether all output sizes are known once `batch` is, and ONNX Runtime has a kernel for the type. */
function isValid(graph: Model["graph"], node: Node): boolean {
  try {
    const { valueTypes } = inferTypes(createModel({ graph }), { dims: { batch: 2 } }).graph;
    return node.outputs.every((name) => {
      const type = valueTypes.get(name);
      const sizes = type?.shape?.map(Number) ?? [Number.NaN];
      const fits = sizes.length <= 4 && sizes.reduce((a, b) => a * b, 1) <= 200;
      return fits && (type!.dtype !== "bool" || ["Equal", "Less"].includes(node.opType));
    });
  } catch {
    return false;
  }
}

describe("foldConstants", () => {
  test("random graphs compute the same as before, with batch open and bound", async () => {
    const x = new RuntimeTensor("float32", [1.5, -2, 0.25, 4], [2, 2]);
    let folded = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const model = randomModel(program);
        if (model.graph.outputs.length === 0) return;
        // Some programs are refused when they run: a Gather beyond the end, for one.
        const reference = await resultsOf(model, { x }).catch(() => undefined);
        fc.pre(reference !== undefined);
        for (const options of [{}, { dims: { batch: 2 } }]) {
          const simple = foldConstants(model, options);
          verify(simple);
          folded += model.graph.nodes.length - simple.graph.nodes.length;
          const results = await resultsOf(simple, { x });
          expect([...results.keys()].sort()).toEqual([...reference.keys()].sort());
          for (const [name, tensor] of reference) expectSame(results.get(name)!, tensor);
        }
      }),
      { numRuns: 60 },
    );
    expect(folded).toBeGreaterThan(200);
  });

  test("the shape chain of a view goes, with batch open", () => {
    const graph = createGraph({
      inputs: [valueInfo("x", "float32", ["batch", 1280, 1, 1])],
      nodes: [
        createNode("Shape", ["x"], ["shape"]),
        createNode("Constant", [], ["zero"], { value: int(0) }),
        createNode("Gather", ["shape", "zero"], ["size"]),
        createNode("Constant", [], ["axes"], { value: ints(0) }),
        createNode("Unsqueeze", ["size", "axes"], ["list"]),
        createNode("Constant", [], ["rest"], { value: ints(-1) }),
        createNode("Concat", ["list", "rest"], ["target"], { axis: 0 }),
        createNode("Reshape", ["x", "target"], ["y"]),
      ],
      outputs: [valueInfo("y", "float32")],
    });
    expect(printGraph(foldConstants(createModel({ graph })).graph)).toBe(
      `graph graph(x: float32[batch, 1280, 1, 1]) -> (y: float32[batch, 1280])
  y_shape: int64[2] = [0, 1280]
  y = Reshape(x, y_shape)`,
    );
  });

  test("a constant larger than the limit stays computed, unless its input is as large", () => {
    const graph = createGraph({
      nodes: [
        createNode("ConstantOfShape", ["dims"], ["large"]),
        createNode("Transpose", ["weight"], ["turned"]),
        createNode("Expand", ["weight", "dims"], ["grown"]),
      ],
      outputs: ["large", "turned", "grown"].map((name) => valueInfo(name, "float32")),
      initializers: [
        ["dims", ints(2, 3, 4)],
        ["weight", reshaped(floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 3, 4)],
      ],
    });
    const operators = (maxElements: number) =>
      foldConstants(createModel({ graph }), { maxElements }).graph.nodes.map(
        ({ opType }) => opType,
      );
    expect(operators(24)).toEqual([]);
    expect(operators(10)).toEqual(["ConstantOfShape", "Expand"]);
  });

  test("a random operator is never folded", () => {
    const model = modelOfNode("RandomNormal", [], { shape: [2], seed: float(1) }, 1);
    expect(foldConstants(model).graph.nodes).toHaveLength(1);
  });

  test("folding twice changes nothing more", () => {
    const model = modelOfNode("Add", [matrix, matrix], {}, 1);
    const once = foldConstants(model);
    expect(foldConstants(once)).toEqual(once);
  });
});
