import type { Dataset } from "../../dataset/dataset.js";
import type { Model } from "../../model/model.js";
import type { Platform } from "../../platform.js";
import { feedsOf } from "../../runtime/feeds.js";
import { type FitData, type FitRunOptions, type FitSamples, runTraining } from "../loop/fit.js";
import type { FitPlatform } from "../loop/open-step.js";
import type { EpochSummary } from "../loop/run-state.js";
import type { FitConfig } from "../settings/config.js";
import {
  type FoundLearningRate,
  findLearningRate,
  type LearningRateSweepOptions,
} from "./find-learning-rate.js";
import { datasetSamples, type TensorExamples, tensorSamples } from "./prepare-examples.js";
import { stepSourceOf } from "./step-source.js";

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

/**
 * Trains the trainable weights of a model in place. Frozen weights stay bit-identical.
 *
 * @throws UsageError when nothing is trainable, or when examples, model and loss do not fit one
 * another; before the first step, naming what was given and what was expected.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export async function fitModel(
  model: Model,
  examples: FitExamples,
  config: FitConfig,
  platform: Platform & FitPlatform,
  options: FitRunOptions = {},
): Promise<FitResult> {
  const data = prepareSamples(model, examples, config, platform);
  const run = await runTraining(stepSourceOf(model), data, config, platform, options);
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
export async function findModelLearningRate(
  model: Model,
  examples: FitExamples,
  config: FitConfig,
  platform: Platform & FitPlatform,
  options: LearningRateSweepOptions = {},
): Promise<FoundLearningRate> {
  const { training } = prepareSamples(model, examples, config, platform);
  return findLearningRate(stepSourceOf(model), training, config, platform, options);
}

function prepareSamples(
  model: Model,
  examples: FitExamples,
  config: FitConfig,
  platform: Platform,
): FitData {
  if ("splits" in examples) {
    const { train, val } = examples.splits;
    const prepare = (split: typeof train): FitSamples =>
      datasetSamples(model, examples, split, config, platform);
    return { training: prepare(train), validation: val && prepare(val) };
  }
  const { train, val } = examples;
  return {
    training: tensorSamples(model, train, config, "train"),
    validation: val && tensorSamples(model, val, config, "val"),
  };
}

/**
 * Digest of everything that decides a run: configuration, data and model. A checkpoint can only be
 * resumed by the same run.
 *
 * @throws UsageError as {@link fitModel}.
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
      : Object.entries({ train: examples.train, val: examples.val }).map(([where, part]) => {
          if (part === undefined) return part;
          tensorSamples(model, part, config, where);
          return Array.from(feedsOf(part.inputs).values(), ({ dims }) => dims);
        });
  const architecture = model.architecture();
  const weights = await sha256(model.saveWeights());
  return sha256(JSON.stringify({ config, data, architecture, weights }));
}
