import { decodeModel } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { config, convolutional, perceptron, sourceOf } from "../../../test/training-networks.js";
import { UsageError } from "../../errors.js";
import { type CompiledPart, compileStep, type StepSource } from "./compile-step.js";

const { loss } = config();

/** Operators of a part, with how often each is there. */
function operatorsOf(part: CompiledPart | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { opType } of decodeModel(part!.model.bytes).graph.nodes) {
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}

/** Names of the constants of a part that are weights of the network. */
function weightsIn({ model }: CompiledPart): string[] {
  const names = [...decodeModel(model.bytes).graph.initializers.keys()];
  return names.filter((name) => /^(one|two|head)/.test(name)).sort();
}

describe("a compiled step", () => {
  it("has no backward node for what is frozen", () => {
    const { training, prefix, cut, gradients } = compileStep(
      sourceOf(perceptron(), ["head"]),
      loss,
    );
    expect(operatorsOf(prefix)).toEqual({ MatMul: 2, Add: 2, Tanh: 2 });
    expect(cut).toHaveLength(1);
    // The product, and its gradients by the weight and by the bias; none by the features.
    const operators = operatorsOf(training);
    expect(operators.MatMul! + (operators.Gemm ?? 0)).toBe(3);
    expect(operators).not.toHaveProperty("Tanh");
    expect(Object.fromEntries(gradients)).toEqual({
      "head.weight": "grad/head.weight",
      "head.bias": "grad/head.bias",
    });
    expect(decodeModel(training.model.bytes).graph.outputs.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["loss", "output", "grad/head.weight", "grad/head.bias"]),
    );
  });

  it("goes backward no further than to the lowest trainable weight", () => {
    const countOf = (source: StepSource) =>
      decodeModel(compileStep(source, loss).training.model.bytes).graph.nodes.length;
    const sizes = [["head"], ["two", "head"], ["one", "two", "head"]].map((trainable) =>
      countOf(sourceOf(perceptron(), trainable)),
    );
    expect(sizes[0]).toBeLessThan(sizes[1]!);
    expect(sizes[1]).toBeLessThan(sizes[2]!);
  });

  it("lets a frozen layer above a trainable one pass the gradient down and nothing else", () => {
    const step = compileStep(sourceOf(perceptron(), ["one"]), loss);
    expect([...step.gradients.keys()]).toEqual(["one.weight", "one.bias"]);
    expect(weightsIn(step.training)).toEqual([
      "head.bias",
      "head.weight",
      "two.bias",
      "two.weight",
    ]);
  });

  it("has trainable weights as inputs and frozen ones as constants", () => {
    const { prefix, training, evaluation, weights } = compileStep(
      sourceOf(perceptron(), ["two.weight"]),
      loss,
    );
    expect(weights.map(({ name }) => name)).toEqual(["two.weight"]);
    expect(training.inputs).toContain("two.weight");
    expect(evaluation.inputs).toContain("two.weight");
    expect(weightsIn(training)).not.toContain("two.weight");
    expect(weightsIn(prefix!)).toEqual(["one.bias", "one.weight"]);
  });

  it("needs no prefix where everything is trained", () => {
    const { prefix, cut, inputs } = compileStep(sourceOf(perceptron(), [""]), loss);
    expect(prefix).toBeUndefined();
    expect(cut).toEqual([]);
    expect(inputs.map(({ name }) => name)).toEqual(["x"]);
  });

  it("uses the statistics of the batch where a normalisation is trainable, and there alone", () => {
    const source = sourceOf(convolutional(), ["two", "head"], ["two.normalized"]);
    const { states, prefix, training, evaluation } = compileStep(source, loss);
    expect(states.map(({ name }) => name)).toEqual(["two.norm.mean", "two.norm.variance"]);
    expect(operatorsOf(prefix)).toHaveProperty("BatchNormalization", 1);
    const norms = (part: CompiledPart) =>
      decodeModel(part.model.bytes).graph.nodes.flatMap(({ opType, attributes }) =>
        opType === "BatchNormalization" ? [attributes.get("training_mode")] : [],
      );
    expect(norms(training)).toEqual([{ kind: "int", value: 1 }]);
    expect(norms(evaluation)).toEqual([undefined]);
  });

  it("moves no statistics of a normalisation that is frozen", () => {
    const { states, statistics } = compileStep(sourceOf(convolutional(), ["two", "head"]), loss);
    expect(states).toEqual([]);
    expect(statistics).toEqual([]);
  });

  it("drops in the training part and not in the evaluation", () => {
    const source = sourceOf(perceptron({ dropout: 0.5 }), ["head"]);
    const { masks, training, evaluation } = compileStep(source, loss);
    expect(masks.map(({ rate }) => rate)).toEqual([0.5]);
    expect(training.inputs).toContain(masks[0]!.input.name);
    expect(evaluation.inputs).not.toContain(masks[0]!.input.name);
  });

  it("asks for something to train", () => {
    const compile = () => compileStep(sourceOf(perceptron(), []), loss);
    expect(compile).toThrow(UsageError);
    expect(compile).toThrow(/trainable = true/);
  });
});
