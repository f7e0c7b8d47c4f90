import type { EarlyStoppingState } from "../settings/early-stopping.js";
import type { MetricsState, TrainingMetrics } from "../settings/metrics.js";
import type { TrainedValues, TrainingState } from "../step/step-engine.js";

/** Where a run stands, beside the weights: all that is needed to go on exactly. */
export interface RunPosition {
  /** Epoch that comes next or is under way, from 0. */
  readonly epoch: number;
  /** Updates of this epoch that are done. */
  readonly updatesInEpoch: number;
  /** Metrics of this epoch so far. */
  readonly metrics: MetricsState;
  readonly earlyStopping: EarlyStoppingState | undefined;
  readonly history: readonly EpochSummary[];
}

/** The metrics of one epoch. */
export interface EpochSummary {
  /** From 1. */
  readonly epoch: number;
  readonly training: TrainingMetrics;
  readonly validation?: TrainingMetrics;
}

/** Everything that a resumed run needs. */
export interface RunState {
  readonly position: RunPosition;
  readonly training: TrainingState;
  /** The best weights so far, where early stopping watches. */
  readonly best: TrainedValues | undefined;
}
