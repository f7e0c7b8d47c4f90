import type { Tensor } from "@engraft/onnx";
import type { Feeds } from "../../runtime/feeds.js";
import type { OptimizerConfig } from "../optimizers/index.js";
import type { CompiledStep } from "./compile-step.js";

/** How one weight is updated. */
export interface WeightUpdate {
  /** Multiplies the learning rate of the step. */
  readonly learningRateFactor: number;
  readonly weightDecay: number;
}

/** What a model keeps of a training, by name. */
export interface TrainedValues {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Running statistics. */
  readonly states: ReadonlyMap<string, Float32Array>;
}

/** Everything that training changes; complete, so that a run can go on from it exactly. */
export interface TrainingState extends TrainedValues {
  /** Updates made so far. */
  readonly updates: number;
  /** By weight, in the order of the optimiser's slots. */
  readonly slots: ReadonlyMap<string, readonly Float32Array[]>;
}

/** How a step updates the weights. */
export interface StepSettings {
  readonly optimizer: OptimizerConfig;
  readonly updates: ReadonlyMap<string, WeightUpdate>;
  /** Largest norm of all gradients together; longer ones are shortened to it. */
  readonly maxGradientNorm: number | undefined;
  readonly seed: number;
  /** Threads of the runtime. */
  readonly threads: number | undefined;
}

/** What the model made of one batch. */
export interface BatchResult {
  /** Mean loss, and what it was divided by. */
  readonly loss: number;
  readonly weightSum: number;
  /** What the loss looked at. */
  readonly predictions: Tensor;
}

/** What one update did. */
export interface UpdateResult {
  /** One for each batch, as it was before the update. */
  readonly batches: readonly BatchResult[];
  /** Norm of all gradients together, before it is clipped. */
  readonly gradientNorm: number;
}

/** What the training form of the model made of one batch. */
export interface BatchGradients extends BatchResult {
  /** By the name of the weight, in its shape. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Running statistics after the batch. */
  readonly states: ReadonlyMap<string, Float32Array>;
}

/** Runs a compiled step and owns the weights while it trains. */
export interface StepEngine {
  /** One update from the gradients of some batches: that of one large batch. */
  update(batches: readonly Feeds[], learningRate: number): Promise<UpdateResult>;
  /** Loss and predictions of a batch as the model would make them after training. */
  evaluate(batch: Feeds): Promise<BatchResult>;
  /**
   * Gradients of one batch in training form. The weights stay as they are; running statistics move, as
   * by every batch of a training, and the next call draws other dropout masks.
   */
  gradients(batch: Feeds): Promise<BatchGradients>;
  /** One update from gradients in the shapes of their weights. The arrays are taken over. */
  apply(gradients: ReadonlyMap<string, Float32Array>, learningRate: number): Promise<void>;
  /** Sets weights and running statistics to the values that are given. */
  assign(values: TrainedValues): Promise<void>;
  /** A copy of the weights and running statistics. */
  values(): Promise<TrainedValues>;
  /** A copy of everything that training changes. */
  state(): Promise<TrainingState>;
  /** Frees the compiled step; it cannot be used afterwards. */
  close(): Promise<void>;
}

/** Loads a step where it will run. The arrays of `state` are taken over. */
export type OpenStepEngine = (
  step: CompiledStep,
  settings: StepSettings,
  state: TrainingState,
) => Promise<StepEngine>;

/** The mean loss of several batches together. */
export function meanLoss(batches: readonly BatchResult[]): number {
  const total = batches.reduce((sum, { weightSum }) => sum + weightSum, 0);
  return batches.reduce((sum, { loss, weightSum }) => sum + (loss * weightSum) / total, 0);
}
