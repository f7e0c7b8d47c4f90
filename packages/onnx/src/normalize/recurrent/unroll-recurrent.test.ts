import { describe, expect, test } from "vitest";
import {
  expectSameFunction,
  type ModelParts,
  modelOf,
  noise,
  operatorsOf,
} from "../../../test/same-function.js";
import { inferTypes } from "../../infer/infer-types.js";
import { type AttributeInput, createNode, floats } from "../../ir/build.js";
import type { Model } from "../../ir/graph.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import { unrollRecurrent } from "./unroll-recurrent.js";

const unroll = (model: Model) => unrollRecurrent(inferTypes(model));

const gates = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Operator = keyof typeof gates;
const HIDDEN = 5;

interface Options {
  readonly directions?: number;
  readonly bias?: boolean;
  readonly state?: boolean;
  readonly steps?: number;
  readonly outputs?: readonly string[];
}

/** A layer of 5 units over 4 steps of a batch of 2 with 3 features. */
function layer(
  operator: Operator,
  attributes: Record<string, AttributeInput> = {},
  options: Options = {},
): ModelParts {
  const { directions = 1, bias = true, state = false, steps = 4 } = options;
  const rows = gates[operator] * HIDDEN;
  const constants = {
    w: noise([directions, rows, 3], 2),
    r: noise([directions, rows, HIDDEN], 3),
    ...(bias ? { b: noise([directions, 2 * rows], 4) } : {}),
    ...(state ? { h: noise([directions, 2, HIDDEN], 5) } : {}),
    ...(state && operator === "LSTM" ? { c: noise([directions, 2, HIDDEN], 6) } : {}),
  };
  const names = ["x", "w", "r", bias ? "b" : "", "", ...(state ? ["h", "c"] : [])];
  const inputs = names.filter((name) => name === "x" || name === "" || name in constants);
  const outputs = options.outputs ?? (operator === "LSTM" ? ["y", "yh", "yc"] : ["y", "yh"]);
  const all = { hidden_size: HIDDEN, ...attributes };
  return {
    nodes: [createNode(operator, inputs, outputs, all)],
    feeds: { x: noise([steps, 2, 3]) },
    constants,
    outputs: outputs.filter((name) => name !== ""),
  };
}

const directions = [
  ["forward", 1],
  ["reverse", 1],
  ["bidirectional", 2],
] as const;
const cells = [
  ["LSTM", {}],
  ["RNN", {}],
  ["GRU", {}],
  ["GRU", { linear_before_reset: 1 }],
] as const;

const cases = cells.flatMap(([operator, attributes]) =>
  directions.flatMap(([direction, count]) =>
    [true, false].map((full) => {
      const parts = layer(
        operator,
        { direction, ...attributes },
        { directions: count, bias: full, state: full },
      );
      const label = `${operator} ${direction} ${JSON.stringify(attributes)}`;
      return [full ? `${label} with bias and state` : label, parts] as const;
    }),
  ),
);

describe("unrollRecurrent", () => {
  test.for(cases)("%s", async ([, parts]) => {
    const model = await expectSameFunction(parts, unroll);
    expect(operatorsOf(model)).not.toContain(parts.nodes[0]!.opType);
  });

  test.for([
    ["one step", layer("LSTM", {}, { steps: 1 })],
    ["the last state alone", layer("GRU", {}, { outputs: ["", "yh"] })],
    [
      "named activations",
      layer(
        "RNN",
        { activations: ["Relu", "Softsign"], direction: "bidirectional" },
        { directions: 2 },
      ),
    ],
  ] as const)("%s", async ([, parts]) => {
    await expectSameFunction(parts, unroll);
  });

  test("keeps the batch free", () => {
    const model = inferTypes(modelOf({ ...layer("LSTM"), shapes: { x: [4, "batch", 3] } }));
    const { graph } = inferTypes(unrollRecurrent(model));
    expect(graph.outputs[0]!.type.shape).toEqual([4, 1, "batch", HIDDEN]);
  });

  const withLengths = layer("LSTM");
  const [node] = withLengths.nodes;
  const left: readonly (readonly [string, ModelParts])[] = [
    ["an unknown length", { ...layer("LSTM"), shapes: { x: ["length", 2, 3] } }],
    ["clipping", layer("GRU", { clip: 0.5 })],
    [
      "parametrised activations",
      layer("RNN", { activations: ["Relu"], activation_alpha: floats([1]) }),
    ],
    ["an activation that needs parameters", layer("RNN", { activations: ["LeakyRelu"] })],
    ["batch first", layer("LSTM", { layout: 1 })],
    [
      "lengths for each sequence",
      {
        ...withLengths,
        nodes: [{ ...node!, inputs: [...node!.inputs.slice(0, 4), "lengths"] }],
        feeds: { ...withLengths.feeds, lengths: tensorOf("int32", [2], [4, 3]) },
      },
    ],
  ];
  test.for(left)("leaves %s alone", ([, parts]) => {
    const model = inferTypes(modelOf(parts));
    expect(unrollRecurrent(model)).toBe(model);
  });
});
