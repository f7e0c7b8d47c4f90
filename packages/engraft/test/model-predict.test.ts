import { describe, expect, it } from "vitest";
import {
  evaluate,
  fit,
  layers,
  loadModel,
  Model,
  openModel,
  predict,
  UsageError,
} from "../dist/index.js";

const network = (): Model =>
  Model.sequential([3], [layers.dense(2, { name: "out" }), layers.dropout(0.5)], { seed: 1 });

const numbers = (rows: number) =>
  ({
    dtype: "float32",
    dims: [rows, 3],
    data: Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i)),
  }) as const;

const targets = (rows: number) =>
  ({
    dtype: "int64",
    dims: [rows],
    data: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % 2)),
  }) as const;

/** x · weight + bias, by hand. */
function byHand(model: Model, { dims, data }: ReturnType<typeof numbers>): number[] {
  const [weight, bias] = model.weights.map((each) => each.data);
  return Array.from({ length: dims[0]! * 2 }, (_, at) => {
    const [row, unit] = [Math.floor(at / 2), at % 2];
    const terms = [0, 1, 2].map((i) => data[row * 3 + i]! * weight![i * 2 + unit]!);
    return terms.reduce((a, b) => a + b, bias![unit]!);
  });
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
}

describe("a model", () => {
  it("predicts in batches, in inference form, and leaves what it is given", async () => {
    const model = network();
    const input = numbers(7);
    const { dims, data } = await predict(model, { input }, { batchSize: 3 });
    expect(dims).toEqual([7, 2]);
    expectClose(data as Float32Array, byHand(model, input));
    expect(input.data).toHaveLength(21);
  });

  it("that is open follows its weights, through training and by hand", async () => {
    const model = network();
    const open = openModel(model);
    const input = numbers(4);
    const check = async () => {
      expectClose((await open.predict({ input })).data as Float32Array, byHand(model, input));
    };
    await check();
    await fit(model, { train: { inputs: { input }, targets: targets(4) } }, { epochs: 1 });
    await check();
    model.weights[0]!.data[0]! += 1;
    await check();
    const outputs = await open.run({ input });
    expectClose([...outputs.values()][0]!.data as Float32Array, byHand(model, input));
    await open.close();
    await open.close();
    await expect(open.predict({ input })).rejects.toThrow(UsageError);
  });

  it("is evaluated as training is validated", async () => {
    const model = network();
    const examples = { inputs: { input: numbers(9) }, targets: targets(9) };
    const { history } = await fit(
      model,
      { train: examples, val: examples },
      { epochs: 2, learningRate: 0.1 },
    );
    const metrics = await evaluate(model, examples, { batchSize: 4 });
    const expected = history.at(-1)!.validation!;
    expect(metrics.accuracy).toBe(expected.accuracy);
    expect(metrics.macroF1).toBe(expected.macroF1);
    expect(metrics.loss).toBeCloseTo(expected.loss, 5);
  });

  it("refuses what does not fit it", async () => {
    const wrong = { input: { dtype: "float32", dims: [2, 2], data: new Float32Array(4) } } as const;
    await expect(predict(network(), wrong)).rejects.toThrow(/reads float32\[batch, 3\]/);
    await expect(predict(network(), ["a text"])).rejects.toThrow(/Load it with `preprocess`/);
    const examples = { inputs: { input: numbers(2) }, targets: targets(3) };
    await expect(evaluate(network(), examples)).rejects.toThrow(/examples.targets is int64\[3\]/);
  });
});

describe("a base model", () => {
  it("has its own preprocessing, and refuses another", async () => {
    await expect(loadModel("minilm-l6", { preprocess: "imagenet" })).rejects.toThrow(
      /says itself how its inputs are prepared/,
    );
  });
});
