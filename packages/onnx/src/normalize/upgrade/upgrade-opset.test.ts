import { describe, expect, test } from "vitest";
import {
  expectSameFunction,
  type ModelParts,
  modelOf,
  noise,
} from "../../../test/same-function.js";
import { type AttributeInput, createNode, float, floats } from "../../ir/build.js";
import type { Model } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import { upgradeOpset } from "./upgrade-opset.js";

const upgrade = (model: Model) => upgradeOpset(model, 21);
const ints = (...values: number[]) => tensorOf("int64", [values.length], values);
const someFloats = (...values: number[]) => tensorOf("float32", [values.length], values);

/** A model of one node that reads `x` and then the constants, in their order. */
function single(
  opset: number,
  operator: string,
  x: Tensor,
  attributes: Record<string, AttributeInput> = {},
  more: { constants?: Record<string, Tensor>; outputs?: string[] } = {},
): ModelParts {
  const { constants = {}, outputs = ["y"] } = more;
  const names = outputs.map((output) => output.split(":")[0]!);
  const node = createNode(operator, ["x", ...Object.keys(constants)], names, attributes);
  return { opset, nodes: [node], feeds: { x }, constants, outputs };
}

const positive = (tensor: Tensor<"float32">) => ({ ...tensor, data: tensor.data.map(Math.abs) });
const [cube, image, rows] = [noise([2, 3, 4]), noise([1, 2, 4, 4]), noise([3, 4])];
const channels = (seed: number) => positive(noise([3], seed));

const softmaxes = ["Softmax", "LogSoftmax", "Hardmax"].flatMap((operator) =>
  [undefined, 0, 1, 2, -1, -2].map((axis): ModelParts => {
    const attributes = axis === undefined ? {} : { axis };
    return single(11, operator, cube, attributes as Record<string, number>);
  }),
);

const reductions = [
  ...["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean"],
  ...["ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"],
].flatMap((operator) => [
  single(11, operator, positive(cube), { axes: [0, -1], keepdims: 0 }),
  single(11, operator, positive(cube)),
]);

const coordinateModes = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"];

const resampling = ["nearest", "linear"].flatMap((mode): ModelParts[] => [
  single(7, "Upsample", image, { mode, scales: floats([1, 1, 2, 3]) }),
  single(9, "Upsample", image, { mode }, { constants: { s: someFloats(1, 1, 2, 1.5) } }),
  single(10, "Resize", image, { mode }, { constants: { s: someFloats(1, 1, 1.6, 2.5) } }),
  single(10, "Resize", image, { mode }, { constants: { s: someFloats(1, 1, 0.6, 0.7) } }),
  ...[...coordinateModes, "tf_crop_and_resize"].map((coordinates) =>
    single(
      11,
      "Resize",
      image,
      { mode, coordinate_transformation_mode: coordinates },
      {
        constants: {
          roi: someFloats(0, 0, 0.1, 0.2, 1, 1, 0.8, 0.9),
          scales: someFloats(1, 1, 0.6, 1.5),
        },
      },
    ),
  ),
]);

const others: readonly ModelParts[] = [
  single(11, "Squeeze", noise([2, 1, 4, 1]), { axes: [1] }),
  single(11, "Squeeze", noise([2, 1, 4, 1])),
  single(11, "Unsqueeze", rows, { axes: [0, 2] }),
  single(11, "Split", rows, { axis: 1, split: [1, 3] }, { outputs: ["y", "z"] }),
  single(11, "Split", rows, { axis: 1 }, { outputs: ["y", "z"] }),
  single(7, "Clip", rows, { min: -0.5, max: 0.4 }),
  single(7, "Clip", rows, { min: float(0) }),
  ...["constant", "reflect", "edge"].map((mode) =>
    single(8, "Pad", image, { mode, pads: [0, 0, 1, 1, 0, 0, 1, 2], value: 1.5 }),
  ),
  single(8, "Slice", image, { starts: [1, 0], ends: [1000, -1], axes: [1, 2] }),
  single(8, "Slice", image, { starts: [0, 1], ends: [1, 2147483647] }),
  single(8, "TopK", rows, { k: 2 }, { outputs: ["y", "i:int64"] }),
  single(10, "Dropout", rows, { ratio: 0.3 }),
  single(
    9,
    "Scatter",
    noise([1, 5]),
    { axis: 1 },
    {
      constants: { i: tensorOf("int64", [1, 2], [1, 3]), u: noise([1, 2], 2) },
    },
  ),
  single(
    10,
    "RoiAlign",
    noise([1, 2, 6, 6]),
    { output_height: 2, output_width: 2 },
    {
      constants: { r: tensorOf("float32", [2, 4], [0, 0, 3, 3, 1, 1, 5, 4]), b: ints(0, 0) },
    },
  ),
  ...["bilinear", "bicubic", "nearest"].map((mode) =>
    single(
      16,
      "GridSample",
      noise([1, 2, 5, 5]),
      { mode },
      {
        constants: { g: noise([1, 3, 3, 2], 3) },
      },
    ),
  ),
  single(17, "DFT", noise([1, 8, 1]), { axis: 1 }),
  single(
    7,
    "BatchNormalization",
    noise([2, 3, 4]),
    { epsilon: 0.001, spatial: 1 },
    {
      constants: { s: channels(1), b: channels(2), m: channels(3), v: channels(4) },
    },
  ),
  single(
    18,
    "GroupNormalization",
    noise([2, 6, 4]),
    { num_groups: 2 },
    {
      constants: { s: noise([2], 2), b: noise([2], 3) },
    },
  ),
];

const named = [...softmaxes, ...reductions, ...resampling, ...others].map((parts) => {
  const [node] = parts.nodes;
  const attributes = Array.from(
    node!.attributes,
    ([name, { value }]) => `${name} ${JSON.stringify(value)}`,
  );
  return [`${node!.opType} of ${parts.opset}, ${attributes.join(", ")}`, parts] as const;
});

describe("upgradeOpset", () => {
  test.for(named)("%s", async ([, parts]) => {
    const upgraded = await expectSameFunction(parts, upgrade);
    expect(upgraded.opsets.get("")).toBe(21);
  });

  test("enters subgraphs", async () => {
    const branch = (operator: string, output: string) =>
      modelOf({ nodes: [createNode(operator, ["x"], [output], { axes: [1] })], outputs: [output] })
        .graph;
    const node = createNode("If", ["flag"], ["y"], {
      then_branch: branch("ReduceSum", "p"),
      else_branch: branch("ReduceMax", "q"),
    });
    for (const flag of [0, 1]) {
      const feeds = { flag: scalarOf("bool", flag), x: rows };
      await expectSameFunction({ opset: 11, nodes: [node], feeds }, upgrade);
    }
  });

  test("puts a batch normalisation with statistics as outputs in training mode", () => {
    const constants = { s: channels(1), b: channels(2), m: channels(3), v: channels(4) };
    const outputs = ["y", "mean", "var", "saved_mean", "saved_var"];
    const parts = single(9, "BatchNormalization", noise([2, 3, 4]), {}, { constants, outputs });
    const [node] = upgrade(modelOf({ ...parts, outputs: ["y"] })).graph.nodes;
    expect(node!.outputs).toEqual(["y", "mean", "var"]);
    expect(node!.attributes.get("training_mode")).toEqual({ kind: "int", value: 1 });
  });

  test("leaves a newer model alone", () => {
    const model = modelOf(single(23, "Softmax", cube));
    expect(upgrade(model)).toBe(model);
  });

  const lost: readonly (readonly [string, ModelParts])[] = [
    ["a mask of floats", single(7, "Dropout", rows, {}, { outputs: ["y", "mask"] })],
    ["statistics for every position", single(7, "BatchNormalization", cube, { spatial: 0 })],
    [
      "a coordinate mode that is gone",
      single(
        11,
        "Resize",
        image,
        { coordinate_transformation_mode: "tf_half_pixel_for_nn" },
        { constants: { roi: someFloats(), scales: someFloats(1, 1, 2, 2) } },
      ),
    ],
    [
      "one axis enlarged and another shrunk",
      single(10, "Resize", image, {}, { constants: { s: someFloats(1, 1, 0.5, 2) } }),
    ],
  ];
  const refusal = expect.objectContaining({
    code: "onnx/unsupported",
    message: expect.stringMatching(/"y" cannot be brought to the newer operator set/),
  });
  test.for(lost)("refuses %s, and names the node", ([, parts]) => {
    expect(() => upgrade(modelOf(parts))).toThrow(refusal);
  });

  test("refuses Softmax over an unknown number of axes", () => {
    const nodes = [
      createNode("Reshape", ["x", "shape"], ["h"]),
      createNode("Softmax", ["h"], ["y"]),
    ];
    const feeds = { x: cube, shape: ints(6, 4) };
    expect(() => upgrade(modelOf({ opset: 11, nodes, feeds, shapes: { shape: [null] } }))).toThrow(
      refusal,
    );
  });
});
