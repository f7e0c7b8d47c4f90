import { differentiateModel } from "@engraft/autodiff";
import { createNode, type Model, type Tensor, valueInfo } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import {
  convolutional,
  expectClose,
  floats,
  testRuntime,
} from "../../../test/training-networks.js";
import { sessionModel } from "../../runtime/session-model.js";
import { foldNorms } from "./fold-norms.js";

const wrt = ["one.weight", "one.norm.scale", "one.norm.shift", "two.weight", "two.norm.scale"];

describe("folding batch normalisations into the convolutions before them", () => {
  it("leaves loss and gradients as they are", async () => {
    const model = squaredLoss(convolutional());
    const folded = foldNorms(model);
    expect(operatorsOf(folded)).not.toContain("BatchNormalization");
    const [expected, actual] = await Promise.all([resultsOf(model), resultsOf(folded)]);
    for (const [name, values] of Object.entries(expected)) {
      expectClose(actual[name]!, values);
      expect(values.some((value) => value !== 0)).toBe(true);
    }
  });

  it("adds to the offset of the convolution where there is one", async () => {
    const model = squaredLoss(withOffset(convolutional()));
    expectClose(
      (await resultsOf(foldNorms(model))).loss!,
      Array.from((await resultsOf(model)).loss!),
    );
  });

  it("spares what uses the statistics of its batch, and what is read elsewhere", () => {
    const training = mapNorms(convolutional(), (node) => ({
      ...node,
      attributes: new Map(node.attributes).set("training_mode", { kind: "int", value: 1 }),
    }));
    expect(foldNorms(training)).toBe(training);
    const { graph, ...rest } = convolutional();
    const outputs = graph.nodes
      .filter(({ opType }) => opType === "Conv")
      .map((node) => valueInfo(node.outputs[0]!, "float32", ["batch", null, 6, 6]));
    const shown = { ...rest, graph: { ...graph, outputs: [...graph.outputs, ...outputs] } };
    expect(foldNorms(shown)).toBe(shown);
  });
});

function operatorsOf({ graph }: Model): string[] {
  return graph.nodes.map(({ opType }) => opType);
}

function mapNorms(
  { graph, ...rest }: Model,
  change: (node: Model["graph"]["nodes"][number]) => Model["graph"]["nodes"][number],
): Model {
  const nodes = graph.nodes.map((node) =>
    node.opType === "BatchNormalization" ? change(node) : node,
  );
  return { ...rest, graph: { ...graph, nodes } };
}

/** The first convolution gets an offset. */
function withOffset({ graph, ...rest }: Model): Model {
  const initializers = new Map(graph.initializers).set("offset", floats(11, 4));
  const first = graph.nodes.findIndex(({ opType }) => opType === "Conv");
  const nodes = graph.nodes.map((node, index) =>
    index === first ? { ...node, inputs: [...node.inputs, "offset"] } : node,
  );
  return { ...rest, graph: { ...graph, nodes, initializers } };
}

function squaredLoss({ graph, ...rest }: Model): Model {
  const nodes = [
    ...graph.nodes,
    createNode("Mul", ["output", "output"], ["squares"]),
    createNode("ReduceSum", ["squares"], ["loss"], { keepdims: 0 }),
  ];
  return { ...rest, graph: { ...graph, nodes, outputs: [valueInfo("loss", "float32", [])] } };
}

/** The loss and the gradients by {@link wrt}, by name of the weight. */
async function resultsOf(model: Model): Promise<Record<string, Float32Array>> {
  const { model: step, loss, gradients } = differentiateModel(model, { loss: "loss", wrt });
  const session = await testRuntime().createSession(sessionModel(step));
  const weights = wrt.map((name) => [name, model.graph.initializers.get(name)!] as const);
  const feeds = new Map<string, Tensor>([["pixels", floats(3, 4, 2, 6, 6)], ...weights]);
  const results = await session.run(
    new Map(session.inputNames.map((name) => [name, feeds.get(name)!])),
  );
  await session.release();
  return Object.fromEntries(
    [["loss", loss] as const, ...gradients].map(([name, output]) => [
      name,
      results.get(output)!.data as Float32Array,
    ]),
  );
}
