import { z } from "zod";
import { UsageError } from "../../errors.js";
import type { LossConfig } from "../losses/index.js";
import { metricNames, type TrainingMetricName, type TrainingMetrics } from "./metrics.js";

/** When to stop because nothing gets better any more. */
export interface EarlyStoppingConfig {
  /** Metric of the validation that is watched. Default `loss`. */
  readonly metric: TrainingMetricName;
  /** Epochs without an improvement after which training stops. Default 3. */
  readonly patience: number;
  /** How much better a value must be to count as an improvement. Default 0: any amount. */
  readonly minDelta: number;
}

/** A configuration in which anything may be left out. */
export type EarlyStoppingInput = {
  readonly [K in keyof EarlyStoppingConfig]?: EarlyStoppingConfig[K] | undefined;
};

/** Whether a larger value of a metric is a better one. */
const largerIsBetter: Readonly<Record<TrainingMetricName, boolean>> = {
  loss: false,
  accuracy: true,
  macroF1: true,
  meanSquaredError: false,
  meanAbsoluteError: false,
};

/** Validates early stopping and fills in the defaults. */
export const earlyStoppingSchema: z.ZodType<EarlyStoppingConfig, EarlyStoppingInput> =
  z.strictObject({
    metric: z
      .enum(["loss", "accuracy", "macroF1", "meanSquaredError", "meanAbsoluteError"])
      .default("loss"),
    patience: z.int().min(1).default(3),
    minDelta: z.number().min(0).default(0),
  });

/**
 * Checks that a metric is there to be watched.
 *
 * @throws UsageError when there is no such metric with the loss.
 */
export function requireWatched({ metric }: EarlyStoppingConfig, loss: LossConfig["name"]): void {
  const names = metricNames(loss);
  if (names.includes(metric)) return;
  throw new UsageError(
    `Early stopping watches "${metric}", and with the loss "${loss}" there are only ${names.join(", ")}.`,
  );
}

/** What early stopping remembers; plain numbers, so that a checkpoint can hold them. */
export interface EarlyStoppingState {
  readonly best: number;
  readonly bestEpoch: number;
  /** Epochs since then. */
  readonly waited: number;
}

/** Watches one metric over the epochs and says when to stop. */
export class EarlyStopping {
  readonly #config: EarlyStoppingConfig;
  #state: EarlyStoppingState | undefined;

  /** @param state - Where to go on from; by default no epoch was seen. */
  constructor(config: EarlyStoppingConfig, state?: EarlyStoppingState) {
    this.#config = config;
    this.#state = state;
  }

  /**
   * Looks at the metrics of an epoch.
   *
   * @returns `improved`: these weights are the best so far and worth keeping; `stop`: give up and go
   * back to the best ones.
   */
  observe(
    epoch: number,
    metrics: TrainingMetrics,
  ): { readonly improved: boolean; readonly stop: boolean } {
    const { metric, patience, minDelta } = this.#config;
    const value = metrics[metric]!;
    const last = this.#state;
    const gain = (value - (last?.best ?? 0)) * (largerIsBetter[metric] ? 1 : -1);
    // A value that is not a number is never an improvement, but a first epoch always is one.
    const improved = last === undefined || Number.isNaN(last.best) || gain > minDelta;
    this.#state = improved
      ? { best: value, bestEpoch: epoch, waited: 0 }
      : { ...last, waited: last.waited + 1 };
    return { improved, stop: this.#state.waited >= patience };
  }

  /** Undefined before the first epoch. */
  get state(): EarlyStoppingState | undefined {
    return this.#state;
  }
}
