import { describe, expect, test } from "vitest";
import { expectSameFunction, modelOf, noise, operatorsOf } from "../../../test/same-function.js";
import { inferTypes } from "../../infer/infer-types.js";
import type { Model } from "../../ir/graph.js";
import { GraphBuilder } from "../../ir/graph-builder.js";
import { scalarOf } from "../../ir/tensor/tensor-data.js";
import { prune } from "../../passes/edit/prune.js";
import { recognizeLayerNormalization } from "./layer-normalization.js";

type Write = (g: GraphBuilder, x: string) => string;

const mean = (g: GraphBuilder, x: string, axes: readonly number[] = [-1], keepdims = 1) =>
  g.op("ReduceMean", [x, g.ints(axes)], { keepdims });
const number = (g: GraphBuilder, value: number) => g.floats([value], []);
const sub = (g: GraphBuilder, a: string, b: string) => g.op("Sub", [a, b]);
const add = (g: GraphBuilder, a: string, b: string) => g.op("Add", [a, b]);
const mul = (g: GraphBuilder, a: string, b: string) => g.op("Mul", [a, b]);
const square: Write = (g, d) => g.op("Pow", [d, number(g, 2)]);
const parameter = (g: GraphBuilder, dims: readonly number[], seed: number) =>
  g.constant(noise(dims, seed));

/** `sqrt(mean(d^2) + epsilon)` */
const deviation = (g: GraphBuilder, d: string, axes?: readonly number[], squared: Write = square) =>
  g.op("Sqrt", [add(g, mean(g, squared(g, d), axes), number(g, 0.01))]);

/** The form of PyTorch, without scale and bias. */
const normal = (g: GraphBuilder, x: string, axes: readonly number[] = [-1]) => {
  const d = sub(g, x, mean(g, x, axes));
  return g.op("Div", [d, deviation(g, d, axes)]);
};

const forms: readonly (readonly [string, Write])[] = [
  ["PyTorch", (g, x) => add(g, mul(g, normal(g, x), parameter(g, [4], 2)), parameter(g, [4], 3))],
  ["without bias", (g, x) => mul(g, parameter(g, [4], 2), normal(g, x))],
  [
    "two last axes",
    (g, x) =>
      add(g, mul(g, normal(g, x, [1, 2]), parameter(g, [3, 4], 2)), parameter(g, [3, 4], 3)),
  ],
  [
    "a product for the square, and two differences",
    (g, x) => {
      const average = mean(g, x);
      const [d, other] = [sub(g, x, average), sub(g, x, average)];
      const deviated = deviation(g, d, [-1], (_, value) => mul(g, value, value));
      return add(
        g,
        parameter(g, [4], 3),
        mul(g, g.op("Div", [other, deviated]), parameter(g, [4], 2)),
      );
    },
  ],
  [
    "TensorFlow: x r + (bias - mean r)",
    (g, x) => {
      const average = mean(g, x);
      const reciprocal = g.op("Reciprocal", [deviation(g, sub(g, average, x))]);
      const r = mul(g, reciprocal, parameter(g, [4], 2));
      return add(g, mul(g, x, r), sub(g, parameter(g, [4], 3), mul(g, average, r)));
    },
  ],
  [
    "statistics in double precision",
    (g, x) => {
      const d = g.op("Cast", [sub(g, x, mean(g, x))], { to: 11 });
      const two = g.constant(scalarOf("float64", 2));
      const shifted = g.op("Add", [
        mean(g, g.op("Pow", [d, two])),
        g.constant(scalarOf("float64", 0.01)),
      ]);
      const wide = g.op("Div", [d, g.op("Sqrt", [shifted])]);
      const narrow = g.op("Cast", [wide], { to: 1 });
      return add(g, mul(g, narrow, parameter(g, [4], 2)), parameter(g, [4], 3));
    },
  ],
  [
    "a scale that is computed",
    (g, x) => mul(g, normal(g, x), add(g, parameter(g, [4], 2), number(g, 1))),
  ],
];

const x = noise([2, 3, 4]);

function partsOf(write: Write, outputs: readonly string[] = ["y"]) {
  const g = new GraphBuilder("g");
  const h = g.op("Add", ["x", number(g, 0.1)], {}, "h");
  g.op("Add", [write(g, h), h], {}, "y");
  return { nodes: g.nodes, constants: Object.fromEntries(g.initializers), feeds: { x }, outputs };
}

const recognize = (model: Model) => {
  const recognized = recognizeLayerNormalization(inferTypes(model));
  return { ...recognized, graph: prune(recognized.graph) };
};

describe("recognizeLayerNormalization", () => {
  test.for(forms)("knows the form of %s", async ([label, write]) => {
    const model = await expectSameFunction(partsOf(write), recognize);
    const computed = label.includes("computed") ? ["Add"] : [];
    expect(operatorsOf(model)).toEqual(["Add", ...computed, "LayerNormalization", "Add"]);
    const node = model.graph.nodes.at(-2)!;
    expect(node.attributes.get("epsilon")?.value).toBeCloseTo(0.01);
    expect(node.attributes.get("axis")?.value).toBe(label.startsWith("two") ? 1 : 2);
  });

  test("names the node after the layer", () => {
    const model = modelOf(partsOf(forms[0]![1]));
    const nodes = model.graph.nodes.map((node, at) => ({ ...node, name: `/net/norm/${at}` }));
    const recognized = recognize({ ...model, graph: { ...model.graph, nodes } });
    expect(recognized.graph.nodes[1]!.name).toBe("/net/norm/LayerNormalization");
  });

  test("leaves a group of which an inner value is an output", () => {
    const write = forms[0]![1];
    const inner = modelOf(partsOf(write)).graph.nodes.find(({ opType }) => opType === "Sqrt")!;
    const open = modelOf(partsOf(write, ["y", inner.outputs[0]!]));
    expect(operatorsOf(recognize(open))).toContain("Sqrt");
  });

  const others: readonly (readonly [string, Write])[] = [
    ["no scale", (g, h) => normal(g, h)],
    ["a scale for another axis", (g, h) => mul(g, normal(g, h), parameter(g, [3, 1], 2))],
    ["an inner axis", (g, h) => mul(g, normal(g, h, [1]), parameter(g, [4], 2))],
    [
      "a root mean square",
      (g, h) => mul(g, g.op("Div", [h, deviation(g, h)]), parameter(g, [4], 2)),
    ],
    [
      "the mean of something else",
      (g, h) => {
        const d = sub(g, h, mean(g, "x"));
        return mul(g, g.op("Div", [d, deviation(g, d)]), parameter(g, [4], 2));
      },
    ],
  ];
  test.for(others)("leaves %s alone", ([, write]) => {
    expect(operatorsOf(recognize(modelOf(partsOf(write))))).not.toContain("LayerNormalization");
  });
});
