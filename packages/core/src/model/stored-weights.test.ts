import { differentiateWeights } from "@engraft/autodiff";
import {
  createGraph,
  createModel,
  createNode,
  dataTypeCodes,
  type Node,
  type Model as OnnxModel,
  type Tensor,
  tensorOf,
  valueInfo,
} from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { numbers } from "../../test/models.js";
import { classes, floats, gradientsOf } from "../../test/training-networks.js";
import { feedsOf } from "../runtime/feeds.js";
import { tensorSource } from "../train/feed/example-source.js";
import { singleSamples } from "../train/feed/samples.js";
import { stepSourceOf } from "../train/model/step-source.js";
import type { StepSource } from "../train/step/compile-step.js";
import { Model } from "./model.js";

const [STEPS, WIDTH, HIDDEN] = [3, 4, 5];
const GATES = 4 * HIDDEN;

/** How a file keeps its weights. */
type Storage = "initializers" | "Constant nodes" | "float16" | "float64";

function named(values: readonly (readonly [string, Tensor<"float32">])[], storage: Storage) {
  if (storage === "Constant nodes") {
    const nodes = values.map(([name, value]) => createNode("Constant", [], [name], { value }));
    return { nodes, initializers: [] };
  }
  if (storage === "initializers") return { nodes: [], initializers: values };
  const nodes = values.map(([name]) =>
    createNode("Cast", [`${name}.stored`], [name], { to: dataTypeCodes.float32 }),
  );
  const initializers = values.map(([name, { dims, data }]) => {
    return [`${name}.stored`, tensorOf(storage, dims, Array.from(data))] as const;
  });
  return { nodes, initializers };
}

/** An LSTM whose gates are put into another order by nodes, as PyTorch's exporter writes it. */
function slicedLstm(storage: Storage): OnnxModel {
  const weights = [
    ["W_ih", numbers([GATES, WIDTH], 1)],
    ["W_hh", numbers([GATES, HIDDEN], 2)],
    ["b_ih", numbers([GATES], 3)],
    ["b_hh", numbers([GATES], 4)],
    ["out", numbers([HIDDEN, 3], 5)],
  ] as const;
  const kept = named(weights, storage);
  const reorder = (name: string): Node[] => [
    ...[0, 1, 2, 3].map((gate) =>
      createNode("Slice", [name, `at${gate}`, `at${gate + 1}`], [`${name}/${gate}`]),
    ),
    createNode(
      "Concat",
      [0, 3, 1, 2].map((gate) => `${name}/${gate}`),
      [`${name}/iofc`],
      {
        axis: 0,
      },
    ),
  ];
  const nodes = [
    ...kept.nodes,
    ...["W_ih", "W_hh", "b_ih", "b_hh"].flatMap(reorder),
    createNode("Concat", ["b_ih/iofc", "b_hh/iofc"], ["b"], { axis: 0 }),
    ...["W_ih/iofc", "W_hh/iofc", "b"].map((name) =>
      createNode("Unsqueeze", [name, "at0"], [`${name}/one`]),
    ),
    createNode("Transpose", ["x"], ["steps"], { perm: [1, 0, 2] }),
    createNode("LSTM", ["steps", "W_ih/iofc/one", "W_hh/iofc/one", "b/one"], ["", "last"], {
      hidden_size: HIDDEN,
    }),
    createNode("Squeeze", ["last", "at0"], ["state"]),
    createNode("MatMul", ["state", "out"], ["y"]),
  ];
  const at = [0, 1, 2, 3, 4].map(
    (gate) => [`at${gate}`, tensorOf("int64", [1], [gate * HIDDEN])] as const,
  );
  const graph = createGraph({
    nodes,
    inputs: [valueInfo("x", "float32", ["batch", STEPS, WIDTH])],
    outputs: [valueInfo("y", "float32", ["batch", 3])],
    initializers: [...kept.initializers, ...at],
  });
  return createModel({ graph, opset: 17 });
}

const COUNT = GATES * (WIDTH + HIDDEN + 2) + HIDDEN * 3;
const batch = {
  source: tensorSource(feedsOf({ x: floats(3, 4, STEPS, WIDTH) })),
  samples: singleSamples(classes(5, 4)),
};

async function lossOf(source: StepSource): Promise<number> {
  return (await gradientsOf(source, batch)).loss;
}

describe.each<Storage>(["initializers", "Constant nodes", "float16", "float64"])(
  "an LSTM of sliced weights, stored as %s",
  (storage) => {
    const file = slicedLstm(storage);
    const stored = storage === "float16" || storage === "float64" ? ".stored" : "";
    const names = ["W_ih", "W_hh", "b_ih", "b_hh", "out"].map((name) => `${name}${stored}`);

    it("has each weight once, under its own name, for layers and for gradients", () => {
      const model = Model.fromOnnx(file);
      const { weights, leftOut } = model.summary();
      expect({ weights, leftOut }).toEqual({ weights: COUNT, leftOut: [] });
      expect(model.weights.map(({ name }) => name).sort()).toEqual(names.toSorted());
      const graph = {
        ...file.graph,
        nodes: [...file.graph.nodes, createNode("ReduceMean", ["y"], ["loss"], { keepdims: 0 })],
        outputs: [valueInfo("loss", "float32", [])],
      };
      const { gradients } = differentiateWeights({ ...file, graph }, { loss: "loss" });
      expect([...gradients.keys()].sort()).toEqual(names.toSorted());
    });

    it("has gradients that are the slope of the loss, for every weight", async () => {
      const model = Model.fromOnnx(file);
      const source = stepSourceOf(model);
      expect([...source.trainable].sort()).toEqual(names.toSorted());
      const { gradients } = await gradientsOf(source, batch);
      for (const weight of model.weights) {
        const slope = gradients.get(weight.name)!;
        // Along the gradient the loss changes by the square of its length.
        const direction = slope.map((value) => value / Math.hypot(...slope));
        const step = 0.05;
        const moved = (sign: number) => {
          const original = weight.data;
          weight.data = original.map((value, i) => value + sign * step * direction[i]!);
          const loss = lossOf(stepSourceOf(model));
          weight.data = original;
          return loss;
        };
        const measured = ((await moved(1)) - (await moved(-1))) / (2 * step);
        expect(measured / Math.hypot(...slope), weight.name).toBeCloseTo(1, 2);
      }
    });
  },
);

it("a model of float64 is trained in float32, its inputs and outputs too", () => {
  const graph = createGraph({
    nodes: [
      createNode("MatMul", ["x", "dense.weight"], ["product"]),
      createNode("Add", ["product", "dense.bias"], ["y"]),
    ],
    inputs: [valueInfo("x", "float64", ["batch", 2])],
    outputs: [valueInfo("y", "float64", ["batch", 3])],
    initializers: [
      ["dense.weight", tensorOf("float64", [2, 3], [1, 2, 3, 4, 5, 6])],
      ["dense.bias", tensorOf("float64", [3], [0.1, 0.2, 1e300])],
    ],
  });
  const model = Model.fromOnnx(createModel({ graph }));
  expect(model.weights.map(({ name, size }) => [name, size])).toEqual([
    ["dense.weight", 6],
    ["dense.bias", 3],
  ]);
  expect([model.inputs[0]!.type.dtype, model.output.type.dtype]).toEqual(["float32", "float32"]);
  expect(model.weights[1]!.data[2]).toBe(3.4028234663852886e38);
});

it("weights whose names have no dots are in the architecture, and sizes are short in the summary", () => {
  const model = Model.fromOnnx(slicedLstm("initializers"));
  const { weights } = model.architecture();
  expect(weights.map(({ name }) => name).sort()).toEqual(["W_hh", "W_ih", "b_hh", "b_ih", "out"]);
  const size = "floor(floor(height/2 + 1)/2 + 1) * 4";
  const graph = createGraph({
    nodes: [createNode("MatMul", ["x", "layer.weight"], ["y"])],
    inputs: [valueInfo("x", "float32", ["batch", size, 2])],
    outputs: [valueInfo("y", "float32")],
    initializers: [["layer.weight", numbers([2, 2])]],
  });
  const printed = String(Model.fromOnnx(createModel({ graph })).summary());
  expect(printed).toContain("[batch, floor(floor(height/…, 2]");
});
