import { describe, expect, test } from "vitest";
import { expectSameFunction, modelOf, noise, operatorsOf } from "../../../test/same-function.js";
import { inferTypes } from "../../infer/infer-types.js";
import type { Model } from "../../ir/graph.js";
import { GraphBuilder } from "../../ir/graph-builder.js";
import { prune } from "../../passes/edit/prune.js";
import { recognizeGelu } from "./gelu.js";

type Write = (g: GraphBuilder, x: string) => string;

const number = (g: GraphBuilder, value: number) => g.floats([value], []);
const add = (g: GraphBuilder, a: string, b: string) => g.op("Add", [a, b]);
const mul = (g: GraphBuilder, a: string, b: string) => g.op("Mul", [a, b]);
const onePlus = (g: GraphBuilder, value: string) => add(g, number(g, 1), value);

const erf = (g: GraphBuilder, x: string) => g.op("Erf", [g.op("Div", [x, number(g, Math.SQRT2)])]);
const cube: Write = (g, x) => g.op("Pow", [x, number(g, 3)]);
const SLOPE = Math.sqrt(2 / Math.PI);

/** Tanh of `slope (x + 0.044715 x^3)`, with the cube written as given. */
const bell = (g: GraphBuilder, x: string, third: Write = cube) => {
  const inner = add(g, x, mul(g, number(g, 0.044715), third(g, x)));
  return g.op("Tanh", [mul(g, inner, number(g, SLOPE))]);
};

const exact: readonly (readonly [string, Write])[] = [
  ["PyTorch", (g, x) => mul(g, mul(g, x, add(g, erf(g, x), number(g, 1))), number(g, 0.5))],
  ["half of x first", (g, x) => mul(g, mul(g, x, number(g, 0.5)), onePlus(g, erf(g, x)))],
  ["half of the bell first", (g, x) => mul(g, x, mul(g, number(g, 0.5), onePlus(g, erf(g, x))))],
  [
    "a product in place of the quotient, in half precision",
    (g, x) => {
      const scaled = g.op("Erf", [mul(g, x, number(g, 0.70703125))]);
      return mul(g, mul(g, number(g, 0.5), x), onePlus(g, scaled));
    },
  ],
  [
    "two terms",
    (g, x) => {
      const half = mul(g, number(g, 0.5), x);
      return add(g, half, mul(g, half, erf(g, x)));
    },
  ],
];

const tanh: readonly (readonly [string, Write])[] = [
  ["a power", (g, x) => mul(g, mul(g, number(g, 0.5), x), onePlus(g, bell(g, x)))],
  [
    "products",
    (g, x) => {
      const third: Write = (_, value) => mul(g, mul(g, value, value), value);
      return mul(g, number(g, 0.5), mul(g, x, onePlus(g, bell(g, x, third))));
    },
  ],
  [
    "x factored out",
    (g, x) => {
      const square = onePlus(g, mul(g, number(g, 0.044715), mul(g, x, x)));
      const inner = mul(g, mul(g, x, number(g, SLOPE)), square);
      return mul(g, mul(g, x, number(g, 0.5)), onePlus(g, g.op("Tanh", [inner])));
    },
  ],
];

const x = noise([2, 3, 4]);

/** A model whose output `y` is made from `h = Relu(2 x)` between two other nodes. */
function partsOf(write: Write, outputs: readonly string[] = ["y"]) {
  const g = new GraphBuilder("g");
  const h = g.op("Add", [g.op("Mul", ["x", number(g, 3)]), number(g, 0.1)], {}, "h");
  g.op("Identity", [write(g, h)], {}, "y");
  return { nodes: g.nodes, constants: Object.fromEntries(g.initializers), feeds: { x }, outputs };
}

const recognize = (model: Model) => {
  const recognized = recognizeGelu(inferTypes(model));
  return { ...recognized, graph: prune(recognized.graph) };
};

describe("recognizeGelu", () => {
  test.for(exact)("knows the exact form: %s", async ([, write]) => {
    const model = await expectSameFunction(partsOf(write), recognize, 2e-4);
    expect(operatorsOf(model)).toEqual(["Mul", "Add", "Gelu", "Identity"]);
    expect(model.graph.nodes[2]!.attributes.get("approximate")?.value).toBe("none");
  });

  test.for(tanh)("knows the tanh form: %s", async ([, write]) => {
    const model = await expectSameFunction(partsOf(write), recognize);
    expect(operatorsOf(model)).toEqual(["Mul", "Add", "Gelu", "Identity"]);
    expect(model.graph.nodes[2]!.attributes.get("approximate")?.value).toBe("tanh");
  });

  const [, pytorch] = exact[0]!;
  test("leaves a group of which an inner value is an output", () => {
    const model = modelOf(partsOf(pytorch));
    const inner = model.graph.nodes.find(({ opType }) => opType === "Erf")!.outputs[0]!;
    const open = modelOf(partsOf(pytorch, ["y", inner]));
    expect(operatorsOf(recognize(open))).toContain("Erf");
  });

  test("leaves a group of which another node reads an inner value", () => {
    const write: Write = (g, h) => {
      const bellOf = erf(g, h);
      const gelu = mul(g, mul(g, h, onePlus(g, bellOf)), number(g, 0.5));
      return add(g, g.op("Exp", [bellOf]), gelu);
    };
    expect(operatorsOf(recognize(modelOf(partsOf(write))))).toContain("Erf");
  });

  const others: readonly (readonly [string, Write])[] = [
    ["another factor", (g, h) => mul(g, mul(g, h, onePlus(g, erf(g, h))), number(g, 0.6))],
    ["another argument", (g, h) => mul(g, mul(g, h, onePlus(g, g.op("Erf", [h]))), number(g, 0.5))],
    ["a plain tanh", (g, h) => g.op("Tanh", [h])],
    [
      "a factor that is not x",
      (g, h) => mul(g, mul(g, "x", onePlus(g, erf(g, h))), number(g, 0.5)),
    ],
    [
      "a constant that adds an axis",
      (g, h) => mul(g, mul(g, h, onePlus(g, erf(g, h))), g.floats([0.5], [1, 1, 1, 1])),
    ],
  ];
  test.for(others)("leaves %s alone", ([, write]) => {
    expect(operatorsOf(recognize(modelOf(partsOf(write))))).not.toContain("Gelu");
  });
});
