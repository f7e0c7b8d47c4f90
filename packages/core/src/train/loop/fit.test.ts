import { createHash } from "node:crypto";
import type { Model } from "@engraft/onnx";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  config,
  convolutional,
  embedding,
  floats,
  integers,
  perceptron,
  samplesOf,
  sourceOf,
  TOKENS,
  testPlatform,
} from "../../../test/training-networks.js";
import { UsageError } from "../../errors.js";
import type { FitConfigInput } from "../settings/config.js";
import type { StepSource } from "../step/compile-step.js";
import type { StepEngine } from "../step/step-engine.js";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import type { StepEvent, TrainingEvent } from "./events.js";
import { type FitData, type FitRunOptions, runTraining } from "./fit.js";
import type { FitPlatform } from "./open-step.js";
import type { RunState } from "./run-state.js";
import type { TrainingRun } from "./trainer.js";

const vectors = (count: number, seed = 3) => samplesOf({ x: floats(seed, count, 5) }, seed);
const images = (count: number, seed = 3) =>
  samplesOf({ pixels: floats(seed, count, 2, 6, 6) }, seed);
const texts = (count: number, seed = 3) =>
  samplesOf(
    {
      ids: integers(seed, TOKENS, count, 4),
      mask: { dtype: "int64", dims: [count, 4], data: new BigInt64Array(count * 4).fill(1n) },
    },
    seed,
  );

const everything = sourceOf(perceptron({ dropout: 0.3 }), [""]);

/** A run on this thread. */
function run(
  source: StepSource,
  data: FitData,
  input: FitConfigInput,
  options: FitRunOptions = {},
  platform: FitPlatform = testPlatform(),
): Promise<TrainingRun> {
  return runTraining(source, data, config(input), platform, options);
}

async function eventsOf(
  source: StepSource,
  data: FitData,
  input: FitConfigInput,
  options: FitRunOptions = {},
): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  await run(source, data, input, { ...options, onEvent: (event) => events.push(event) });
  return events;
}

const sha256 = async (data: Uint8Array): Promise<string> =>
  createHash("sha256").update(data).digest("hex");

/** Through a file and back. */
async function stored(state: RunState): Promise<RunState> {
  return decodeCheckpoint(await encodeCheckpoint(state, "run", sha256), "run", sha256);
}

/** Goes through a platform's engines. */
function withEngine(change: (engine: StepEngine) => StepEngine): FitPlatform {
  const platform = testPlatform();
  return {
    ...platform,
    openStepEngine: async (...args) => change(await platform.openStepEngine(...args)),
  };
}

describe("training", () => {
  it("learns", async () => {
    const input = { epochs: 60, learningRate: 0.05, batchSize: 4 };
    const { history } = await run(sourceOf(perceptron(), [""]), { training: vectors(8) }, input);
    expect(history[0]!.training.accuracy).toBeLessThan(0.8);
    expect(history.at(-1)!.training.accuracy).toBe(1);
    expect(history.at(-1)!.training.loss).toBeLessThan(history[0]!.training.loss / 4);
  });

  it("leaves the source and everything frozen as they are, to the bit", async () => {
    const bytesOf = ({ graph }: Model) =>
      Array.from(graph.initializers, ([name, { data }]) => [name, data.slice()]);
    const source = sourceOf(convolutional(), ["two", "head"], ["two.normalized"]);
    const before = bytesOf(source.model);
    const data = { training: images(6) };
    const { state } = await run(source, data, { epochs: 2, learningRate: 0.1, batchSize: 3 });
    expect(bytesOf(source.model)).toEqual(before);
    expect([...state.weights.keys()]).toEqual(source.trainable);
    expect([...state.states.keys()]).toEqual(["two.norm.mean", "two.norm.variance"]);
    for (const [name, weight] of [...state.weights, ...state.states]) {
      expect([...weight], name).not.toEqual([...source.model.graph.initializers.get(name)!.data]);
    }
  });

  it("gives the same bits for the same seed, and others for another", async () => {
    const input = { epochs: 2, batchSize: 4, learningRate: 0.05 };
    const weightsOf = async (seed: number) =>
      (await run(everything, { training: vectors(10) }, { ...input, seed })).state.weights;
    expect(await weightsOf(7)).toEqual(await weightsOf(7));
    expect(await weightsOf(7)).not.toEqual(await weightsOf(8));
  });

  it("trains what the loss depends on and leaves the rest", async () => {
    const { graph } = perceptron();
    const unread = { dtype: "float32", dims: [1], data: Float32Array.of(5) } as const;
    const model: Model = {
      ...perceptron(),
      graph: { ...graph, initializers: new Map([...graph.initializers, ["unread", unread]]) },
    };
    const source = sourceOf(model, ["head", "unread"]);
    expect(source.trainable).toContain("unread");
    const { state } = await run(source, { training: vectors(4) }, { epochs: 1 });
    expect([...state.weights.keys()]).toEqual(["head.weight", "head.bias"]);
  });

  it("asks for examples", async () => {
    await expect(run(everything, { training: vectors(0) }, {})).rejects.toThrow(UsageError);
  });

  it("says so when the loss is lost", async () => {
    const input = { learningRate: 1e38, optimizer: "sgd" } as const;
    const lost = run(sourceOf(perceptron(), [""]), { training: vectors(8) }, input);
    await expect(lost).rejects.toThrow(/no longer a number.*learning rate/s);
  });
});

describe("learning rates", () => {
  const steps = async (input: FitConfigInput): Promise<StepEvent[]> => {
    const events = await eventsOf(everything, { training: vectors(8) }, input);
    return events.filter((event) => event.type === "step");
  };

  it("follow the schedule over all updates of a run", async () => {
    const schedule = { name: "linear", warmupSteps: 2 } as const;
    const events = await steps({ epochs: 3, batchSize: 4, learningRate: 0.4, schedule });
    const factors = [0, 1 / 2, 1, 3 / 4, 2 / 4, 1 / 4];
    expect(events.map(({ learningRate }) => learningRate)).toEqual(factors.map((f) => 0.4 * f));
  });

  it("of groups reach their weights", async () => {
    const groups = [
      { match: "one.*", learningRate: 0 },
      { match: "two.*", learningRate: 0.1 },
    ];
    const optimizer = { name: "sgd", momentum: 0 } as const;
    const input = { epochs: 1, batchSize: 8, optimizer, schedule: "constant" } as const;
    const source = sourceOf(perceptron(), [""]);
    const data = { training: vectors(8) };
    const grouped = await run(source, data, { ...input, learningRate: 0.2, groups });
    const alone = await run(source, data, { ...input, learningRate: 0.1 });
    const double = await run(source, data, { ...input, learningRate: 0.2 });
    const initial = (name: string) => source.model.graph.initializers.get(name)!.data;
    expect(grouped.state.weights.get("one.weight")).toEqual(initial("one.weight"));
    expect(grouped.state.weights.get("two.weight")).toEqual(alone.state.weights.get("two.weight"));
    expect(grouped.state.weights.get("head.bias")).toEqual(double.state.weights.get("head.bias"));
  });
});

describe("events", () => {
  it("come in their order", async () => {
    const data = { training: vectors(8), validation: vectors(3, 5) };
    const onCheckpoint = async () => {};
    const events = await eventsOf(
      everything,
      data,
      { epochs: 2, batchSize: 4, checkpointEvery: 1 },
      { onCheckpoint },
    );
    const epoch = ["step", "checkpoint", "step", "epoch", "validation", "checkpoint"];
    expect(events.map(({ type }) => type)).toEqual(["started", ...epoch, ...epoch, "finished"]);
    expect(events[0]).toEqual({
      type: "started",
      epoch: 1,
      step: 0,
      epochs: 2,
      stepsPerEpoch: 2,
      trainExamples: 8,
      validationExamples: 3,
      trainableValues: 5 * 6 + 6 + 6 * 4 + 4 + 4 * 3 + 3,
      values: 5 * 6 + 6 + 6 * 4 + 4 + 4 * 3 + 3 + 1,
      resumed: false,
    });
    expect(events.filter(({ type }) => type === "step").map(({ step }) => step)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(events.at(-1)).toMatchObject({ epoch: 2, step: 4 });
  });

  it("count several batches of one update once", async () => {
    const input = { epochs: 1, batchSize: 2, accumulate: 3 };
    const events = await eventsOf(everything, { training: vectors(8) }, input);
    expect(events[0]).toMatchObject({ stepsPerEpoch: 2 });
    expect(events.filter(({ type }) => type === "step")).toHaveLength(2);
  });
});

describe("early stopping", () => {
  const earlyStopping = { patience: 2 };
  // Far too fast: the first epochs are the best.
  const input = { epochs: 30, batchSize: 4, learningRate: 2, earlyStopping } as const;
  const data = { training: vectors(8), validation: vectors(6, 11) };
  const source = sourceOf(perceptron(), [""]);

  it("ends the run and keeps the weights of the best epoch", async () => {
    const events: TrainingEvent[] = [];
    const stopped = await run(source, data, input, { onEvent: (event) => events.push(event) });
    const losses = stopped.history.map(({ validation }) => validation!.loss);
    const best = losses.indexOf(Math.min(...losses));
    expect(stopped.keptEpoch).toBe(best + 1);
    expect(losses).toHaveLength(best + 1 + earlyStopping.patience);
    expect(losses.length).toBeLessThan(input.epochs);
    expect(events.at(-2)).toMatchObject({ type: "stopped-early", bestEpoch: best + 1 });
    // What is kept is what training up to that epoch makes.
    const kept: RunState[] = [];
    await run(source, data, input, {
      onCheckpoint: async (state) => void kept.push(state),
    });
    expect(stopped.state.weights).toEqual(kept[best]!.training.weights);
  });

  it("lasts as long as things get better", async () => {
    const slow = { ...input, epochs: 4, learningRate: 1e-3 };
    const { history, keptEpoch } = await run(source, { training: data.training }, slow);
    expect(history).toHaveLength(4);
    expect(keptEpoch).toBe(4);
  });
});

describe("a run that is interrupted", () => {
  const runs = {
    dropout: {
      source: everything,
      data: { training: vectors(9), validation: vectors(4, 5) },
      input: { batchSize: 2, accumulate: 2, optimizer: "sgd" },
    },
    normalisation: {
      source: sourceOf(convolutional(), [""], ["one.normalized", "two.normalized"]),
      data: { training: images(9) },
      input: { batchSize: 4 },
    },
    prefix: {
      source: sourceOf(convolutional(), ["two", "head"]),
      data: { training: images(9), validation: images(4, 5) },
      input: { batchSize: 3, earlyStopping: { patience: 1 }, learningRate: 0.3 },
    },
    embedding: {
      source: sourceOf(embedding(), [""]),
      data: { training: texts(9) },
      input: { batchSize: 3, maxGradientNorm: 0.1 },
    },
  } as const;
  const names = ["dropout", "normalisation", "prefix", "embedding"] as const;

  test.prop([fc.constantFrom(...names), fc.integer({ min: 1, max: 8 }), fc.constantFrom(1, 2)], {
    numRuns: 20,
  })("and resumed makes the bits of one that was not", async (name, kill, checkpointEvery) => {
    const { source, data, input: some } = runs[name];
    const input = { learningRate: 0.05, ...some, epochs: 3, seed: 4, checkpointEvery };
    const expected = await run(source, data, input);
    let saved: RunState | undefined;
    const onCheckpoint = async (state: RunState) => {
      saved = await stored(state);
    };
    let updates = 0;
    const dying = withEngine((engine) => ({
      update(...args) {
        if (++updates === kill) throw new Error("power cut");
        return engine.update(...args);
      },
      evaluate: (batch) => engine.evaluate(batch),
      gradients: (batch) => engine.gradients(batch),
      apply: (...args) => engine.apply(...args),
      assign: (values) => engine.assign(values),
      values: () => engine.values(),
      state: () => engine.state(),
      close: () => engine.close(),
    }));
    await run(source, data, input, { onCheckpoint }, dying).catch((error: Error) => {
      expect(error.message).toBe("power cut");
    });
    expect(saved === undefined).toBe(kill === 1 || (kill === 2 && checkpointEvery === 2));
    expect(await run(source, data, input, { resume: saved })).toEqual(expected);
  });

  it("by its signal stores where it stands, to the update", async () => {
    const { source, data } = runs.dropout;
    const input = { epochs: 2, batchSize: 4, seed: 2 };
    let calls = 0;
    const signal = Object.assign(new AbortController().signal, {
      throwIfAborted() {
        if (++calls === 5) throw new Error("enough");
      },
    });
    let saved: RunState | undefined;
    const events: TrainingEvent[] = [];
    const aborted = run(source, { training: data.training }, input, {
      signal,
      onEvent: (event) => events.push(event),
      onCheckpoint: async (state) => {
        saved = await stored(state);
      },
    });
    await expect(aborted).rejects.toThrow("enough");
    expect(events.slice(-2).map(({ type }) => type)).toEqual(["checkpoint", "aborted"]);
    expect(saved!.position).toMatchObject({ epoch: 1, updatesInEpoch: 1 });
    expect(saved!.training.updates).toBe(4);
    const resumed = await run(source, { training: data.training }, input, { resume: saved });
    expect(resumed).toEqual(await run(source, { training: data.training }, input));
  });

  it("after its end has nothing left to do", async () => {
    const { source, data } = runs.prefix;
    const input = { ...runs.prefix.input, epochs: 9, learningRate: 2 };
    let saved: RunState | undefined;
    const expected = await run(source, data, input, {
      onCheckpoint: async (state) => {
        saved = await stored(state);
      },
    });
    const events: TrainingEvent[] = [];
    const again = await run(source, data, input, {
      resume: saved,
      onEvent: (event) => events.push(event),
    });
    expect(again).toEqual(expected);
    expect(events.map(({ type }) => type)).toEqual(["started", "finished"]);
  });
});
