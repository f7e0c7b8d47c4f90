import type {
  CompiledStep,
  Feeds,
  StepEngine,
  StepSettings,
  TrainedValues,
  TrainingState,
} from "@engraft/core";
import type { SentError } from "./sent-error.js";

/** What the main thread asks of a training thread, one at a time. Every request gets one reply. */
export type TrainingRequest =
  | {
      readonly kind: "open";
      readonly step: CompiledStep;
      readonly settings: StepSettings;
      readonly state: TrainingState;
    }
  | { readonly kind: "update"; readonly batches: readonly Feeds[]; readonly learningRate: number }
  | { readonly kind: "evaluate"; readonly batch: Feeds }
  | { readonly kind: "gradients"; readonly batch: Feeds }
  | {
      readonly kind: "apply";
      readonly gradients: ReadonlyMap<string, Float32Array>;
      readonly learningRate: number;
    }
  | { readonly kind: "assign"; readonly values: TrainedValues }
  | { readonly kind: "values" }
  | { readonly kind: "state" }
  | { readonly kind: "close" };

/** The result of each kind of request. */
export interface TrainingResults {
  open: undefined;
  update: Awaited<ReturnType<StepEngine["update"]>>;
  evaluate: Awaited<ReturnType<StepEngine["evaluate"]>>;
  gradients: Awaited<ReturnType<StepEngine["gradients"]>>;
  apply: undefined;
  assign: undefined;
  values: TrainedValues;
  state: TrainingState;
  close: undefined;
}

export type TrainingReply =
  | { readonly result: TrainingResults[keyof TrainingResults] }
  | { readonly error: SentError };

/** The buffers of values that are handed over: they move to the other thread instead of being copied. */
export function buffersOf(values: TrainedValues & Partial<TrainingState>): ArrayBuffer[] {
  const { weights, states, slots = new Map<string, readonly Float32Array[]>() } = values;
  const arrays = [...weights.values(), ...states.values(), ...[...slots.values()].flat()];
  const buffers = arrays.map(({ buffer }) => buffer);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
