import type { Tensor } from "@engraft/onnx";
import type { Dataset, SingleLabelExample } from "../dataset/dataset.js";
import { UsageError } from "../errors.js";
import type { Model } from "../model/model.js";
import type { Platform } from "../platform.js";
import type { StepSource } from "./compile-step.js";
import type { FitConfig } from "./config.js";
import { datasetSource, tensorSource } from "./example-source.js";
import {
  type FindLearningRateOptions,
  type FoundLearningRate,
  findLearningRate,
} from "./find-learning-rate.js";
import { type FitPlatform, type FitSamples, type RunOptions, runTraining } from "./fit.js";
import { TARGETS } from "./losses/index.js";
import type { EpochSummary } from "./run-state.js";
import { pairSamples, singleSamples } from "./samples.js";
import type { Feeds } from "./sizes.js";

/** Examples that are tensors already; the first axis of each counts the examples. */
export interface TensorExamples {
  /** By the model's input. */
  readonly inputs: Feeds;
  /** What the loss compares with: class numbers (int64), or float32 numbers. */
  readonly targets: Tensor;
  /**
   * For the loss `cosine-similarity`: the examples of each pair; `targets` has one number a pair.
   */
  readonly pairs?: readonly (readonly [first: number, second: number])[] | undefined;
}

/** What a model is trained on. */
export type FitExamples =
  | Dataset
  | { readonly train: TensorExamples; readonly val?: TensorExamples | undefined };

/** What a training came to. The weights are in the model. */
export interface FitResult {
  readonly history: readonly EpochSummary[];
  /** Epoch whose weights were kept, from 1. */
  readonly keptEpoch: number;
}

/** The part of a model that training compiles. */
export function stepSourceOf(model: Model): StepSource {
  return {
    model: model.graph,
    output: model.output.name,
    trainable: model.trainableWeights.map(({ name }) => name),
    trainableNorms: model.trainableNorms,
  };
}

/**
 * Trains the trainable weights of a model in place. Frozen weights stay bit-identical.
 *
 * @throws UsageError when nothing is trainable, when raw examples are given to a model that takes
 * tensors, or when its output does not fit the labels.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export async function fitModel(
  model: Model,
  examples: FitExamples,
  config: FitConfig,
  platform: Platform & FitPlatform,
  options: RunOptions = {},
): Promise<FitResult> {
  const { training, validation } = prepareSamples(model, examples, platform);
  const run = await runTraining(
    stepSourceOf(model),
    { training, validation },
    config,
    platform,
    options,
  );
  const { weights, states } = run.state;
  for (const weight of model.weights) {
    const values = weights.get(weight.name) ?? states.get(weight.name);
    if (values !== undefined) weight.data.set(values);
  }
  return { history: run.history, keptEpoch: run.keptEpoch };
}

/**
 * Trains a copy of the trainable weights at ever higher learning rates, and reads a good one off the
 * losses; see `findLearningRate`. The model stays as it is.
 *
 * @throws UsageError as {@link fitModel}, and when the range of rates is not one.
 */
export function findModelLearningRate(
  model: Model,
  examples: FitExamples,
  config: FitConfig,
  platform: Platform & FitPlatform,
  options: FindLearningRateOptions = {},
): Promise<FoundLearningRate> {
  const { training } = prepareSamples(model, examples, platform);
  return findLearningRate(stepSourceOf(model), training, config, platform, options);
}

function prepareSamples(model: Model, examples: FitExamples, platform: Platform): Prepared {
  return "splits" in examples
    ? fromDataset(model, examples, platform)
    : fromTensors(examples.train, examples.val);
}

interface Prepared {
  readonly training: FitSamples;
  readonly validation: FitSamples | undefined;
}

function fromTensors(train: TensorExamples, val: TensorExamples | undefined): Prepared {
  const prepare = ({ inputs, targets, pairs }: TensorExamples): FitSamples => ({
    source: tensorSource(inputs),
    samples: pairs
      ? pairSamples(pairs, { [TARGETS]: targets })
      : singleSamples({ [TARGETS]: targets }),
  });
  return { training: prepare(train), validation: val && prepare(val) };
}

function fromDataset(model: Model, { labels, splits }: Dataset, platform: Platform): Prepared {
  const { preparation } = model;
  if (preparation === undefined) {
    throw new UsageError(
      "It is not known how raw examples become the inputs of this model. Load it with `preprocess`, or give tensors.",
    );
  }
  const outputs = model.output.type.shape?.at(-1);
  if (typeof outputs === "number" && outputs !== labels.length) {
    throw new UsageError(
      `The data has ${labels.length} labels and the model gives ${outputs} numbers. End it in dense(${labels.length}).`,
    );
  }
  const classOf = new Map(labels.map((label, index) => [label, index]));
  const prepare = (chosen: readonly SingleLabelExample[]): FitSamples => {
    const classes = chosen.map(({ target }) => BigInt(classOf.get(target.label)!));
    const data = BigInt64Array.from(classes);
    return {
      source: datasetSource(
        chosen.map(({ input }) => input),
        preparation,
        platform,
      ),
      samples: singleSamples({ [TARGETS]: { dtype: "int64", dims: [data.length], data } }),
    };
  };
  return { training: prepare(splits.train), validation: splits.val && prepare(splits.val) };
}

/**
 * Digest of everything that decides a run: configuration, data and model. A checkpoint can only be
 * resumed by the same run.
 */
export async function checkpointRun(
  model: Model,
  examples: FitExamples,
  config: FitConfig,
  sha256: (data: Uint8Array | string) => Promise<string>,
): Promise<string> {
  const data =
    "splits" in examples
      ? Object.values(examples.splits).map((split) =>
          split.map(({ source, target }) => [source, target.label]),
        )
      : [examples.train, examples.val].map(
          (part) => part && Object.values(part.inputs).map(({ dims }) => dims),
        );
  const architecture = model.architecture();
  const weights = await sha256(model.saveWeights());
  return sha256(JSON.stringify({ config, data, architecture, weights }));
}
