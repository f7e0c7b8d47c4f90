import {
  createGraph,
  createModel,
  GraphBuilder,
  inferTypes,
  type Model,
  type Shape,
  type Tensor,
  valueInfo,
} from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { expect } from "vitest";
import { feedsOf, type NamedTensors } from "../src/runtime/feeds.js";
import { ortRuntime } from "../src/runtime/ort.js";
import type { Runtime } from "../src/runtime/runtime.js";
import { tensorSource } from "../src/train/feed/example-source.js";
import { singleSamples } from "../src/train/feed/samples.js";
import type { FitSamples } from "../src/train/loop/fit.js";
import {
  type FitPlatform,
  initialState,
  openStep,
  stepSettings,
} from "../src/train/loop/open-step.js";
import {
  type FitConfig,
  type FitConfigInput,
  fitConfigSchema,
} from "../src/train/settings/config.js";
import { compileStep, type StepSource } from "../src/train/step/compile-step.js";
import type { BatchGradients, StepEngine } from "../src/train/step/step-engine.js";
import { StepRunner } from "../src/train/step/step-runner.js";
import { goldenNumbers } from "./training-goldens.js";

/** Networks of a few dozen weights, and what training them takes: a run is over in milliseconds. */

/** Classes of every network here. */
export const CLASSES = 3;

/** x [batch, 5] through `one` and `two` to `output`; dropout in between where it is asked for. */
export function perceptron(options: { readonly dropout?: number } = {}): Model {
  return network({ x: ["float32", ["batch", 5]] }, (g) => {
    const dense = (x: string, name: string, rows: number, columns: number): string => {
      weight(g, `${name}.weight`, rows, columns);
      weight(g, `${name}.bias`, columns);
      return g.op("Add", [g.op("MatMul", [x, `${name}.weight`]), `${name}.bias`]);
    };
    let hidden = g.op("Tanh", [dense("x", "one", 5, 6)]);
    hidden = g.op("Tanh", [dense(hidden, "two", 6, 4)]);
    if (options.dropout !== undefined) {
      hidden = g.op("Dropout", [hidden, g.floats([options.dropout], [])]);
    }
    return dense(hidden, "head", 4, CLASSES);
  });
}

/** pixels [batch, 2, 6, 6] through two convolutions, each with a batch normalisation. */
export function convolutional(): Model {
  return network({ pixels: ["float32", ["batch", 2, 6, 6]] }, (g) => {
    const block = (x: string, name: string, channels: number, filters: number): string => {
      weight(g, `${name}.weight`, filters, channels, 3, 3);
      const convolved = g.op("Conv", [x, `${name}.weight`], { pads: [1, 1, 1, 1] });
      const norm = ["scale", "shift", "mean", "variance"].map((part) => `${name}.norm.${part}`);
      for (const part of norm) weight(g, part, filters);
      const variance = g.initializers.get(norm[3]!)!.data as Float32Array;
      variance.forEach((value, i) => {
        variance[i] = 1 + value * value;
      });
      return g.op("Relu", [
        g.op("BatchNormalization", [convolved, ...norm], {}, `${name}.normalized`),
      ]);
    };
    const features = block(block("pixels", "one", 2, 4), "two", 4, 6);
    weight(g, "head.weight", 6, CLASSES);
    const pooled = g.op("Flatten", [g.op("GlobalAveragePool", [features])]);
    return g.op("MatMul", [pooled, "head.weight"]);
  });
}

/** Tokens of which the texts for {@link embedding} are made. */
export const TOKENS = 12;

/** Rows of its table: so many that it is trained by row. */
export const ROWS = 1100;

/** The mean over the tokens that `mask` keeps of a table of embeddings, and a layer on top. */
export function embedding(): Model {
  const inputs = {
    ids: ["int64", ["batch", "length"]],
    mask: ["int64", ["batch", "length"]],
  } as const;
  return network(inputs, (g) => {
    weight(g, "table", ROWS, 4);
    weight(g, "inner.weight", 4, 4);
    weight(g, "head.weight", 4, CLASSES);
    const tokens = g.op("Gather", ["table", "ids"]);
    const inner = g.op("Tanh", [g.op("MatMul", [tokens, "inner.weight"])]);
    const kept = g.op("Unsqueeze", [g.op("Cast", ["mask"], { to: 1 }), g.ints([-1])]);
    const sum = g.op("ReduceSum", [g.op("Mul", [inner, kept]), g.ints([1])], { keepdims: 0 });
    const count = g.op("ReduceSum", [kept, g.ints([1])], { keepdims: 0 });
    return g.op("MatMul", [g.op("Div", [sum, count]), "head.weight"]);
  });
}

function network(
  inputs: Readonly<Record<string, readonly ["float32" | "int64", Shape]>>,
  write: (g: GraphBuilder) => string,
): Model {
  const g = new GraphBuilder("network");
  const output = g.op("Identity", [write(g)], {}, "output");
  const graph = createGraph({
    nodes: g.nodes,
    initializers: g.initializers,
    inputs: Object.entries(inputs).map(([name, [dtype, shape]]) => valueInfo(name, dtype, shape)),
    outputs: [valueInfo(output, "float32", ["batch", CLASSES])],
  });
  return inferTypes(createModel({ graph, opset: 21, irVersion: 10 }));
}

/** Weights that look random: every name has its own. */
function weight(g: GraphBuilder, name: string, ...dims: number[]): void {
  const seed = Array.from(name).reduce((sum, char) => 31 * sum + char.charCodeAt(0), 7) % 65_521;
  const count = dims.reduce((a, b) => a * b, 1);
  g.initializers.set(name, { dtype: "float32", dims, data: goldenNumbers(count, seed) });
}

/** A network of which the weights with some prefixes are trained; all with the prefix "". */
export function sourceOf(
  model: Model,
  prefixes: readonly string[],
  trainableNorms: readonly string[] = [],
): StepSource {
  const others = /\.norm\.(mean|variance)$|^network\//;
  const trainable = [...model.graph.initializers.keys()].filter(
    (name) => prefixes.some((prefix) => name.startsWith(prefix)) && !others.test(name),
  );
  return { model, output: "output", trainable, trainableNorms: new Set(trainableNorms) };
}

export function config(input: FitConfigInput = {}): FitConfig {
  return fitConfigSchema.parse(input);
}

/** Numbers in the shape of an input. */
export function floats(seed: number, ...dims: number[]): Tensor<"float32"> {
  const count = dims.reduce((a, b) => a * b, 1);
  return { dtype: "float32", dims, data: goldenNumbers(count, seed) };
}

/** Whole numbers from 0 to below `below`. */
export function integers(seed: number, below: number, ...dims: number[]): Tensor<"int64"> {
  const numbers = goldenNumbers(
    dims.reduce((a, b) => a * b, 1),
    seed,
    1,
  );
  const data = BigInt64Array.from(numbers, (value) => BigInt(Math.floor((value + 0.5) * below)));
  return { dtype: "int64", dims, data };
}

/** Targets of some classes. */
export function classes(seed: number, count: number): Tensor<"int64"> {
  return integers(seed, CLASSES, count);
}

/** Examples and their classes. */
export function samplesOf(inputs: NamedTensors, seed: number): FitSamples {
  const source = tensorSource(feedsOf(inputs));
  return { source, samples: singleSamples(classes(seed, source.count)) };
}

/** One thread, so that a batch of one size always gives the same bits. */
export function testRuntime(optimization: "all" | "disabled" = "all"): Runtime {
  return ortRuntime({
    InferenceSession: {
      create: (model, options) =>
        ort.InferenceSession.create(model, {
          ...options,
          graphOptimizationLevel: optimization,
          intraOpNumThreads: 1,
        }),
    },
    Tensor: ort.Tensor,
  });
}

/** A runtime that counts the sessions that are created and released. */
export function countingRuntime(
  runtime: Runtime = testRuntime(),
): Runtime & { readonly created: number; readonly released: number } {
  const counts = { created: 0, released: 0 };
  return {
    concurrency: runtime.concurrency,
    get created() {
      return counts.created;
    },
    get released() {
      return counts.released;
    },
    async createSession(...given) {
      const session = await runtime.createSession(...given);
      counts.created += 1;
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: (feeds) => session.run(feeds),
        async release() {
          counts.released += 1;
          await session.release();
        },
      };
    },
  };
}

/** Runs everything on this thread. */
export function testPlatform(runtime: Runtime = testRuntime()): FitPlatform {
  return {
    runtime,
    openStepEngine: (step, settings, state) => StepRunner.open(runtime, step, settings, state),
  };
}

/** A step with its weights as they are in the model. */
export async function openEngine(
  source: StepSource,
  input: FitConfigInput = {},
  runtime: Runtime = testRuntime(),
): Promise<StepEngine> {
  const settings = config(input);
  const step = compileStep(source, settings.loss);
  const state = initialState(source, step, settings);
  return StepRunner.open(runtime, step, stepSettings(step, settings, {}), state);
}

/** Loss and gradients of all samples together, in training form. */
export async function gradientsOf(
  source: StepSource,
  { source: examples, samples }: FitSamples,
): Promise<BatchGradients> {
  const step = await openStep(source, config(), testPlatform());
  const { engine, prefix, target } = step;
  const all = Array.from({ length: samples.count }, (_, sample) => sample);
  const feeds = await prefix.run(await examples.read(samples.examples(all), 0));
  try {
    return await engine.gradients(new Map([...feeds, [target, samples.targets(all)]]));
  } finally {
    await step.close();
  }
}

/** Equal but for the rounding of single precision. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual).toHaveLength(expected.length);
  Array.from(expected).forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value)));
  });
}
