import { describe, expect, it } from "vitest";
import {
  config,
  floats,
  perceptron,
  samplesOf,
  sourceOf,
  testPlatform,
} from "../../../test/training-networks.js";
import { UsageError } from "../../errors.js";
import { runTraining } from "../loop/fit.js";
import { findLearningRate } from "./find-learning-rate.js";

const source = sourceOf(perceptron(), [""]);
const data = samplesOf({ x: floats(3, 12, 5) }, 3);
const input = config({ batchSize: 4, optimizer: "sgd" });

describe("the learning-rate finder", () => {
  it("finds one that learns, and ends where the loss is lost", async () => {
    const range = { start: 1e-4, end: 1e6, steps: 80 };
    const found = await findLearningRate(source, data, input, testPlatform(), range);
    expect(found.learningRates.length).toBeLessThan(80);
    expect(found.losses).toHaveLength(found.learningRates.length);
    const least = Math.min(...found.losses);
    expect(found.suggestion).toBeLessThan(found.learningRates[found.losses.indexOf(least)]!);
    const fit = { ...input, epochs: 20, learningRate: found.suggestion! };
    const { history } = await runTraining(source, { training: data }, fit, testPlatform());
    expect(history.at(-1)!.training.loss).toBeLessThan(history[0]!.training.loss);
  });

  it("leaves the weights as they are, and says the same again", async () => {
    const before = structuredClone(source.model.graph.initializers);
    const range = { steps: 10 };
    const first = await findLearningRate(source, data, input, testPlatform(), range);
    expect(source.model.graph.initializers).toEqual(before);
    expect(await findLearningRate(source, data, input, testPlatform(), range)).toEqual(first);
  });

  it("stops when it is told to, and refuses what is not a range", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const stopped = findLearningRate(source, data, input, testPlatform(), { signal });
    await expect(stopped).rejects.toThrow("enough");
    const empty = findLearningRate(source, data, input, testPlatform(), { start: 2 });
    await expect(empty).rejects.toThrow(UsageError);
  });
});
