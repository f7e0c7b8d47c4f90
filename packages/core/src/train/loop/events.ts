import type { Truncation } from "../../features/truncation.js";
import type { TrainingMetrics } from "../settings/metrics.js";

/** Where a run stands. */
export interface Position {
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Updates of the weights made so far, over all epochs. */
  readonly step: number;
}

/** A run begins, or goes on from a checkpoint. Always the first event. */
export interface StartedEvent extends Position {
  readonly type: "started";
  /** Epochs that the run will have at most. */
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly trainExamples: number;
  readonly validationExamples: number;
  /** Numbers that training changes, and of how many. */
  readonly trainableValues: number;
  readonly values: number;
  /** Whether the position is that of a checkpoint. */
  readonly resumed: boolean;
  /**
   * What the model does not read of the training texts and the validation texts; undefined where it
   * reads them whole, or they are no texts.
   */
  readonly truncation?: Truncated | undefined;
}

/** Texts of a run that are longer than the model reads. */
export interface Truncated {
  readonly training?: Truncation | undefined;
  readonly validation?: Truncation | undefined;
}

/** The weights were updated once. */
export interface StepEvent extends Position {
  readonly type: "step";
  /** Mean loss of the examples of this update, before it. */
  readonly loss: number;
  readonly learningRate: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
}

/** Every example was seen once more. */
export interface EpochEvent extends Position {
  readonly type: "epoch";
  /** Over the batches of the epoch, each as it was before its update. */
  readonly metrics: TrainingMetrics;
}

/** The validation examples were predicted. */
export interface ValidationEvent extends Position {
  readonly type: "validation";
  readonly metrics: TrainingMetrics;
}

/** The state of the run was handed to be stored. */
export interface CheckpointEvent extends Position {
  readonly type: "checkpoint";
}

/** Training ended before its last epoch because a metric no longer got better. */
export interface StoppedEarlyEvent extends Position {
  readonly type: "stopped-early";
  readonly metric: string;
  /** The best value, and the epoch whose weights are kept. */
  readonly best: number;
  readonly bestEpoch: number;
}

/** Training is over; the weights are in the model. The last event, unless aborted. */
export interface FinishedEvent extends Position {
  readonly type: "finished";
}

/** Training was stopped by its signal. The last event. */
export interface AbortedEvent extends Position {
  readonly type: "aborted";
}

/**
 * What happens in a run, in the order in which it happens: `started`, then for every epoch its `step`s,
 * `epoch`, `validation` and perhaps `checkpoint`; `stopped-early` perhaps; `finished` or `aborted`.
 * Events hold no time of day, so that a run that was repeated or resumed tells the same story.
 */
export type TrainingEvent =
  | StartedEvent
  | StepEvent
  | EpochEvent
  | ValidationEvent
  | CheckpointEvent
  | StoppedEarlyEvent
  | FinishedEvent
  | AbortedEvent;

/** Receives the events of a run while it goes on. */
export type OnTrainingEvent = (event: TrainingEvent) => void;
