import {
  drawUpdates,
  type FedSamples,
  feedUpdate,
  type UpdateBatches,
} from "../feed/batch-feed.js";
import { type FitRunOptions, type FitSamples, openTraining } from "../loop/fit.js";
import type { FitPlatform } from "../loop/open-step.js";
import type { FitConfig } from "../settings/config.js";
import type { StepSource } from "../step/compile-step.js";
import { meanLoss } from "../step/step-engine.js";
import {
  type LearningRateRange,
  type LearningRateSuggestion,
  learningRateSweep,
  SmoothedLoss,
  suggestLearningRate,
} from "./learning-rate-sweep.js";

/** How the learning rates are tried. */
export interface LearningRateSweepOptions
  extends LearningRateRange,
    Pick<FitRunOptions, "signal" | "onProgress" | "threads"> {}

/** What a sweep over learning rates found. */
export interface FoundLearningRate extends LearningRateSuggestion {
  /** Those that were tried, up to where the loss was lost. */
  readonly learningRates: readonly number[];
  /** Smoothed loss after each. */
  readonly losses: readonly number[];
}

/**
 * Trains a copy of the weights at ever higher learning rates, and reads a good one off the losses
 * (Smith 2017). The weights of the source stay as they are.
 *
 * @param config - As the training that will follow; its learning rate, schedule and epochs are not
 * used.
 * @throws UsageError when the range is not one.
 */
export async function findLearningRate(
  source: StepSource,
  data: FitSamples,
  config: FitConfig,
  platform: FitPlatform,
  options: LearningRateSweepOptions = {},
): Promise<FoundLearningRate> {
  const sweep = learningRateSweep(options);
  const opened = await openTraining(source, { training: data }, config, platform, options);
  const { engine, training } = opened;
  const smoothed = new SmoothedLoss();
  const losses: number[] = [];
  try {
    const updates = endlessUpdates(training, config);
    for (const learningRate of sweep) {
      options.signal?.throwIfAborted();
      const { batches, epoch } = updates.next().value;
      const feeds = await feedUpdate(training, batches, epoch);
      const result = await engine.update(feeds, learningRate);
      losses.push(smoothed.add(meanLoss(result.batches)));
      if (smoothed.diverged) break;
    }
  } finally {
    await opened.close();
  }
  const learningRates = sweep.slice(0, losses.length);
  return { learningRates, losses, ...suggestLearningRate(learningRates, losses) };
}

/** The updates of one epoch after the other. */
function* endlessUpdates(
  training: FedSamples,
  config: FitConfig,
): Generator<{ readonly batches: UpdateBatches; readonly epoch: number }, never> {
  for (let epoch = 0; ; epoch++) {
    for (const batches of drawUpdates(training, config, epoch)) yield { batches, epoch };
  }
}
