import { createGraph, createModel, type Tensor, valueInfo } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import {
  compileTrainingStep,
  type Dataset,
  findLearningRate,
  fit,
  layers,
  Model,
  UsageError,
} from "../dist/index.js";

const floats = (...dims: number[]) =>
  ({
    dtype: "float32",
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
  }) as const;

const classes = (...numbers: number[]) =>
  ({
    dtype: "int64",
    dims: [numbers.length],
    data: BigInt64Array.from(numbers, BigInt),
  }) as const;

const network = (outputs = 3) => Model.sequential([4], [layers.dense(outputs)], { seed: 1 });

/** ids [batch, length] and mask [batch, length], of which the first token is looked up. */
function twoInputs(): Model {
  const inputs = ["ids", "mask"].map((name) => valueInfo(name, "int64", ["batch", "length"]));
  const graph = createGraph({ nodes: [], inputs, outputs: [inputs[0]!] });
  const model = Model.fromOnnx(createModel({ graph, opset: 21, irVersion: 10 }));
  return model.append([layers.embedding(9, 4), layers.globalAveragePool(), layers.dense(2)]);
}

const ids = (...dims: number[]): Tensor => ({
  dtype: "int64",
  dims,
  data: new BigInt64Array(dims.reduce((a, b) => a * b, 1)),
});

const train = { inputs: { input: floats(6, 4) }, targets: classes(0, 1, 2, 0, 1, 2) };

/** Examples as no compiler would let them through. */
interface Given {
  readonly inputs?: unknown;
  readonly targets?: unknown;
  readonly pairs?: unknown;
}

/** What is wrong, how the message says so, and with which loss. */
const WRONG: readonly [string, Given, RegExp, string?][] = [
  ["no inputs", { inputs: undefined }, /train is not \{ inputs, targets \}/],
  ["no targets", { targets: undefined }, /train is not \{ inputs, targets \}/],
  [
    "an input missing",
    { inputs: {} },
    /no tensor for the input "input".*"input" float32\[batch, 4\]/,
  ],
  [
    "an input misnamed",
    { inputs: { input: floats(6, 4), x: floats(6, 4) } },
    /"x", and the model has no such input/,
  ],
  [
    "a plain array",
    { inputs: { input: [[1, 2, 3, 4]] } },
    /"input" is not a tensor. Expected \{ dtype, dims, data \}/,
  ],
  ["null", { inputs: { input: null } }, /"input" is not a tensor/],
  [
    "an unknown element type",
    { inputs: { input: { ...floats(6, 4), dtype: "float" } } },
    /is not a tensor/,
  ],
  [
    "plain numbers as data",
    { inputs: { input: { ...floats(6, 4), data: new Array(24).fill(0) } } },
    /Float32Array.*given a Array/,
  ],
  [
    "bytes as data",
    { inputs: { input: { ...floats(6, 4), data: new Uint8Array(24) } } },
    /Float32Array.*given a Uint8Array/,
  ],
  [
    "too little data",
    { inputs: { input: { ...floats(6, 4), data: new Float32Array(10) } } },
    /\[6, 4\], 24 values, and was given 10/,
  ],
  [
    "sizes that are none",
    { inputs: { input: { ...floats(6, 4), dims: [6, -4] } } },
    /is not a tensor/,
  ],
  [
    "another element type",
    { inputs: { input: { dtype: "float64", dims: [6, 4], data: new Float64Array(24) } } },
    /float64\[6, 4\], and the model reads float32\[batch, 4\]/,
  ],
  [
    "another width",
    { inputs: { input: floats(6, 5) } },
    /float32\[6, 5\], and the model reads float32\[batch, 4\]/,
  ],
  ["another rank", { inputs: { input: floats(6, 2, 2) } }, /float32\[6, 2, 2\]/],
  [
    "NaN",
    { inputs: { input: { ...floats(6, 4), data: new Float32Array(24).fill(Number.NaN, 9) } } },
    /"input" holds NaN, first in example 2/,
  ],
  [
    "fewer targets",
    { targets: classes(0, 1, 2, 0) },
    /int64\[4\], and the loss "cross-entropy" compares with int64\[6\]/,
  ],
  ["more targets", { targets: classes(0, 1, 2, 0, 1, 2, 0, 1) }, /int64\[8\].*int64\[6\]/],
  [
    "a class below 0",
    { targets: classes(-1, 1, -1, 1, 1, 1) },
    /class -1 for example 0.*classes are 0 to 2/,
  ],
  [
    "a class too large",
    { targets: classes(0, 1, 3, 0, 1, 2) },
    /class 3 for example 2.*classes are 0 to 2/,
  ],
  [
    "classes as int32",
    { targets: { dtype: "int32", dims: [6], data: new Int32Array(6) } },
    /BigInt64Array.from\(classes, BigInt\)/,
  ],
  ["classes as floats", { targets: floats(6) }, /float32\[6\].*compares with int64\[6\]/],
  [
    "targets of another width",
    { targets: floats(6, 2) },
    /float32\[6, 2\].*float32\[6, 3\]/,
    "mean-squared-error",
  ],
  [
    "a target that is no number",
    { targets: { ...floats(6, 3), data: new Float32Array(18).fill(Number.NaN, 4) } },
    /NaN for example 1; expected a finite number/,
    "huber",
  ],
  [
    "an infinite target",
    { targets: { ...floats(6, 3), data: new Float32Array(18).fill(Infinity) } },
    /Infinity for example 0/,
    "mean-squared-error",
  ],
  [
    "a probability above 1",
    { targets: { ...floats(6, 3), data: new Float32Array(18).fill(2) } },
    /2 for example 0; expected a number from 0 to 1/,
    "binary-cross-entropy",
  ],
  ["no pairs", { targets: floats(6) }, /compares pairs, and train has none/, "cosine-similarity"],
  [
    "pairs for another loss",
    { pairs: [[0, 1]] },
    /train has pairs, which the loss "cross-entropy" does not compare/,
  ],
  [
    "a pair of nothing",
    { pairs: [[0, 6]], targets: floats(1) },
    /pair 0 is \[0,6\]; expected two positions from 0 to 5/,
    "cosine-similarity",
  ],
];

describe("examples that cannot be right", () => {
  it.each(WRONG)("are refused before the first step: %s", async (_, given, message, loss) => {
    const events: unknown[] = [];
    const examples = { train: { ...train, ...given } } as Parameters<typeof fit>[1];
    const options = { loss: (loss ?? "cross-entropy") as "cross-entropy", epochs: 1 };
    const failed = fit(network(), examples, { ...options, onEvent: (event) => events.push(event) });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(UsageError);
    expect(events).toEqual([]);
  });

  it("are refused by the other functions too", async () => {
    const wrong = { ...train, targets: classes(-1, 1, 2, 0, 1, 2) };
    const step = await compileTrainingStep(network());
    await expect(step.valueAndGrad(wrong)).rejects.toThrow(/batch.targets has class -1/);
    await step.close();
    await expect(findLearningRate(network(), { train: wrong })).rejects.toThrow(
      /train.targets has/,
    );
    await expect(fit(network(), { train, val: wrong })).rejects.toThrow(/val.targets has class -1/);
    const checkpoint = "/nonexistent/run.safetensors";
    await expect(fit(network(), { train: wrong }, { checkpoint })).rejects.toThrow(/class -1/);
  });

  it("are refused where the inputs do not fit one another", async () => {
    const model = twoInputs();
    const run = (inputs: Record<string, Tensor>) =>
      fit(model, { train: { inputs, targets: classes(0, 1) } }, { epochs: 1 });
    await expect(run({ ids: ids(2, 3) })).rejects.toThrow(/no tensor for the input "mask"/);
    await expect(run({ ids: ids(2, 3), mask: ids(2, 4) })).rejects.toThrow(
      /"mask" is \[2, 4\]: axis 1 is "length", which is 3 in "ids"/,
    );
    await expect(run({ ids: ids(2, 3), mask: ids(3, 3) })).rejects.toThrow(/"batch", which is 2/);
    await run({ ids: ids(2, 3), mask: ids(2, 3) });
  });

  it("are refused where labels, kind of data or loss do not fit the model", async () => {
    const data = (label: string): Dataset => ({
      modality: "text",
      labels: ["a", "b", "c"],
      splits: {
        train: [
          {
            source: "row 1",
            input: { kind: "text", text: "x" },
            target: { kind: "single", label },
          },
        ],
      },
      skipped: [],
    });
    await expect(fit(network(), data("a"))).rejects.toThrow(/Load it with `preprocess`/);
  });
});

describe("early stopping", () => {
  it("watches a metric that the loss has, or is refused before the first epoch", async () => {
    const events: unknown[] = [];
    const failed = fit(
      network(),
      { train: { ...train, targets: floats(6, 3) } },
      {
        loss: "mean-squared-error",
        earlyStopping: { metric: "accuracy" },
        onEvent: (event) => events.push(event),
      },
    );
    await expect(failed).rejects.toThrow(
      'Early stopping watches "accuracy", and with the loss "mean-squared-error" there are only loss, meanSquaredError, meanAbsoluteError.',
    );
    await expect(failed).rejects.toBeInstanceOf(UsageError);
    expect(events).toEqual([]);
  });
});
