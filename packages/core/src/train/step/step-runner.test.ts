import { createNode, type Model, type Tensor, tensorOf } from "@engraft/onnx";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  classes,
  config,
  convolutional,
  embedding,
  expectClose,
  floats,
  integers,
  openEngine,
  perceptron,
  ROWS,
  sourceOf,
  TOKENS,
  testRuntime,
} from "../../../test/training-networks.js";
import { type Feeds, feedsOf } from "../../runtime/feeds.js";
import { takeRows } from "../feed/example-source.js";
import type { LossConfigInput } from "../losses/index.js";
import type { FitConfigInput } from "../settings/config.js";
import { compileStep, type StepSource } from "./compile-step.js";
import type { TrainingState } from "./step-engine.js";

function rowsOf(feeds: Feeds, start: number, end: number): Feeds {
  const rows = Array.from({ length: end - start }, (_, row) => start + row);
  return new Map(Array.from(feeds, ([name, tensor]) => [name, takeRows(tensor, rows)]));
}

function expectSameWeights(actual: TrainingState, expected: TrainingState): void {
  expect([...actual.weights.keys()]).toEqual([...expected.weights.keys()]);
  for (const [name, data] of expected.weights) expectClose(actual.weights.get(name)!, data);
}

const vectors = (count: number, seed = 3): Feeds =>
  feedsOf({ x: floats(seed, count, 5), targets: classes(seed, count) });
const images = (count: number, seed = 3): Feeds =>
  feedsOf({ pixels: floats(seed, count, 2, 6, 6), targets: classes(seed, count) });
const texts = (count: number, seed = 3): Feeds =>
  feedsOf({
    ids: integers(seed, TOKENS, count, 4),
    mask: { dtype: "int64", dims: [count, 4], data: new BigInt64Array(count * 4).fill(1n) },
    targets: classes(seed, count),
  });

describe("one update of several batches", () => {
  const losses: LossConfigInput[] = [
    "cross-entropy",
    { name: "cross-entropy", classWeights: [1, 3, 0.5] },
  ];
  const networks = {
    perceptron: [sourceOf(perceptron(), [""]), vectors(7)],
    embedding: [sourceOf(embedding(), [""]), texts(7)],
  } as const;

  test.prop(
    [
      fc.constantFrom("perceptron", "embedding"),
      fc.constantFrom(...losses),
      fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
      fc.constantFrom(undefined, 0.05),
    ],
    { numRuns: 20 },
  )("is that of one large batch", async (name, loss, cuts, maxGradientNorm) => {
    const [source, batch] = networks[name];
    const input: FitConfigInput = { loss, maxGradientNorm, optimizer: "sgd" };
    const whole = await openEngine(source, input);
    const parts = await openEngine(source, input);
    const bounds = [0, ...cuts.sort((a, b) => a - b), 7];
    const batches = bounds.slice(1).map((end, i) => rowsOf(batch, bounds[i]!, end));
    const expected = await whole.update([batch], 0.5);
    const actual = await parts.update(batches, 0.5);
    expect(actual.gradientNorm).toBeCloseTo(expected.gradientNorm, 5);
    expectSameWeights(await parts.state(), await whole.state());
  });

  it("counts as one", async () => {
    const engine = await openEngine(sourceOf(perceptron(), [""]));
    await engine.update([vectors(2), vectors(2, 4)], 0.1);
    expect((await engine.state()).updates).toBe(1);
  });
});

describe("a table that is read by row", () => {
  /** The first token of each text is looked up a second time, and negative ids count from the end. */
  function twice(): Model {
    const model = embedding();
    const [gather] = model.graph.nodes;
    const first = createNode("Gather", ["ids", "zero"], ["first"], { axis: 1 });
    const again = createNode("Gather", ["table", "first"], ["again"]);
    const wide = createNode("Unsqueeze", ["again", "one"], ["wide"]);
    const sum = createNode("Add", [gather!.outputs[0]!, "wide"], ["sum"]);
    const rest = model.graph.nodes.slice(1).map((node) => ({
      ...node,
      inputs: node.inputs.map((name) => (name === gather!.outputs[0] ? "sum" : name)),
    }));
    const initializers = new Map([
      ...model.graph.initializers,
      ["zero", tensorOf("int64", [], [0])] as const,
      ["one", tensorOf("int64", [1], [1])] as const,
    ]);
    const nodes = [gather!, first, again, wide, sum, ...rest];
    return { ...model, graph: { ...model.graph, nodes, initializers } };
  }
  const source = sourceOf(twice(), ["table", "inner", "head"]);
  const ids = integers(5, TOKENS, 6, 4);
  for (const place of [0, 5, 9]) ids.data[place] = BigInt(-1 - place);
  const batch = new Map(texts(6)).set("ids", ids);

  it("has the gradient of one that is not", async () => {
    const step = compileStep(source, config().loss);
    expect([...step.rowGradients.keys()]).toEqual(["table"]);
    expect(step.rowGradients.get("table")!.reads).toHaveLength(2);
    const { gradients } = await (await openEngine(source)).gradients(batch);
    expect([...gradients.keys()].sort()).toEqual([...source.trainable].sort());
    // The table as a matrix product with one-hot rows: no Gather reads it.
    const { graph } = source.model;
    const dense = graph.nodes.flatMap((node) => {
      if (node.inputs[0] !== "table") return [node];
      const hot = `${node.outputs[0]}/hot`;
      return [
        createNode("OneHot", [node.inputs[1]!, "rows", "off-on"], [hot]),
        createNode("MatMul", [hot, "table"], node.outputs),
      ];
    });
    const initializers = new Map<string, Tensor>(graph.initializers);
    initializers.set("rows", tensorOf("int64", [], [ROWS]));
    initializers.set("off-on", tensorOf("float32", [2], [0, 1]));
    const model = { ...source.model, graph: { ...graph, nodes: dense, initializers } };
    const other = await openEngine({ ...source, model });
    const expected = await other.gradients(batch);
    for (const [name, gradient] of expected.gradients) expectClose(gradients.get(name)!, gradient);
    const norms = [
      await (await openEngine(source)).update([batch], 0),
      await other.update([batch], 0),
    ].map(({ gradientNorm }) => gradientNorm);
    expect(norms[0]).toBeCloseTo(norms[1]!, 6);
  });

  it("is a table no more where something else reads it", () => {
    const { graph } = source.model;
    const nodes = graph.nodes.map((node) =>
      node.opType === "MatMul" && node.inputs[1] === "head.weight"
        ? { ...node, inputs: [node.inputs[0]!, "head"] }
        : node,
    );
    const corner = createNode("Slice", ["table", "from", "to"], ["head"]);
    const initializers = new Map([
      ...graph.initializers,
      ["from", tensorOf("int64", [2], [0, 0])] as const,
      ["to", tensorOf("int64", [2], [4, 3])] as const,
    ]);
    const model = { ...source.model, graph: { ...graph, nodes: [corner, ...nodes], initializers } };
    const step = compileStep({ ...source, model, trainable: ["table"] }, config().loss);
    expect(step.rowGradients.size).toBe(0);
    expect([...step.gradients.keys()]).toEqual(["table"]);
  });
});

describe("clipping", () => {
  it("shortens all gradients by one factor and reports the norm from before", async () => {
    const input = { optimizer: { name: "sgd", momentum: 0 }, maxGradientNorm: 0.01 } as const;
    const source = sourceOf(perceptron(), [""]);
    const clipped = await openEngine(source, input);
    const before = await clipped.state();
    const { gradientNorm } = await clipped.update([vectors(4)], 1);
    const after = await clipped.state();
    const free = await openEngine(source, { optimizer: input.optimizer });
    expect((await free.update([vectors(4)], 1)).gradientNorm).toBe(gradientNorm);
    expect(gradientNorm).toBeGreaterThan(0.01);
    const moved = Array.from(after.weights, ([name, data]) =>
      data.reduce((sum, value, i) => sum + (value - before.weights.get(name)![i]!) ** 2, 0),
    );
    expect(Math.sqrt(moved.reduce((a, b) => a + b))).toBeCloseTo(0.01, 5);
  });
});

describe("dropout", () => {
  const source = sourceOf(perceptron({ dropout: 0.5 }), [""]);

  it("depends on the seed and the number of the update", async () => {
    const losses = async (seed: number, updates: number): Promise<number[]> => {
      const engine = await openEngine(source, { seed });
      const found: number[] = [];
      for (let i = 0; i < updates; i++) {
        found.push((await engine.update([vectors(8)], 0)).batches[0]!.loss);
      }
      return found;
    };
    const first = await losses(1, 4);
    expect(await losses(1, 4)).toEqual(first);
    expect(await losses(2, 4)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  it("is not repeated for the batches of one update", async () => {
    const engine = await openEngine(source);
    const { batches } = await engine.update([vectors(8), vectors(8)], 0);
    expect(batches[0]!.loss).not.toBe(batches[1]!.loss);
  });

  it("keeps the mean: what is left is scaled up", async () => {
    const engine = await openEngine(source);
    const { predictions } = await engine.evaluate(vectors(4));
    const width = predictions.data.length;
    const mean = new Float64Array(width);
    const runs = 400;
    for (let i = 0; i < runs; i++) {
      const [batch] = (await engine.update([vectors(4)], 0)).batches;
      for (let k = 0; k < width; k++) mean[k]! += Number(batch!.predictions.data[k]) / runs;
    }
    for (let k = 0; k < width; k++) {
      expect(Math.abs(mean[k]! - Number(predictions.data[k]))).toBeLessThan(0.2);
    }
  });
});

describe("sessions", () => {
  it.each([
    ["a perceptron", sourceOf(perceptron(), [""]), vectors(6)],
    [
      "convolutions",
      sourceOf(convolutional(), [""], ["one.normalized", "two.normalized"]),
      images(6),
    ],
    ["an embedding", sourceOf(embedding(), [""]), texts(6)],
  ])("that are optimised and not agree on %s", async (_, source, batch) => {
    const optimised = await openEngine(source, {}, testRuntime("all"));
    const plain = await openEngine(source, {}, testRuntime("disabled"));
    const expected = await plain.gradients(batch);
    const { loss, gradients } = await optimised.gradients(batch);
    expect(loss).toBeCloseTo(expected.loss, 5);
    for (const [name, gradient] of expected.gradients) expectClose(gradients.get(name)!, gradient);
  });
});

describe("gradients", () => {
  it("are those of the update, which they leave to others", async () => {
    const source = sourceOf(perceptron(), [""]);
    const engine = await openEngine(source, { optimizer: { name: "sgd", momentum: 0 } });
    const before = await engine.state();
    const { gradients } = await engine.gradients(vectors(5));
    expect(await engine.state()).toEqual(before);
    await engine.update([vectors(5)], 0.25);
    const after = await engine.state();
    for (const [name, gradient] of gradients) {
      const expected = before.weights.get(name)!.map((value, i) => value - 0.25 * gradient[i]!);
      expectClose(after.weights.get(name)!, expected);
    }
  });

  it.each<[string, StepSource, Feeds[]]>([
    [
      "a perceptron with dropout",
      sourceOf(perceptron({ dropout: 0.4 }), [""]),
      [vectors(6), vectors(6, 8)],
    ],
    [
      "batch normalisations",
      sourceOf(convolutional(), [""], ["one.normalized", "two.normalized"]),
      [images(6), images(6, 8)],
    ],
    ["a table that is read by row", sourceOf(embedding(), [""]), [texts(6), texts(5, 8), texts(6)]],
  ])("that are applied give the very state of updates: %s", async (_, source, batches) => {
    const input = { seed: 4, maxGradientNorm: 0.5 };
    const [whole, parts] = [await openEngine(source, input), await openEngine(source, input)];
    for (const batch of batches) {
      await whole.update([batch], 0.1);
      await parts.apply((await parts.gradients(batch)).gradients, 0.1);
    }
    expect(await parts.state()).toEqual(await whole.state());
  });
});

describe("values that are assigned", () => {
  it("are those that the next batch is computed with, and are copied", async () => {
    const source = sourceOf(convolutional(), [""], ["one.normalized", "two.normalized"]);
    const [engine, other] = [await openEngine(source), await openEngine(source)];
    await engine.update([images(6)], 0.1);
    const values = await engine.values();
    await other.assign(values);
    expect(await other.evaluate(images(4))).toEqual(await engine.evaluate(images(4)));
    values.weights.get("head.weight")!.fill(0);
    expect(await other.evaluate(images(4))).toEqual(await engine.evaluate(images(4)));
  });
});
