import type { Feeds } from "../../runtime/feeds.js";
import type { CompiledStep } from "../../train/step/compile-step.js";
import type {
  BatchGradients,
  BatchResult,
  StepSettings,
  TrainedValues,
  TrainingState,
  UpdateResult,
} from "../../train/step/step-engine.js";
import {
  isCount,
  isFeeds,
  isFloats,
  isMapOf,
  isNothing,
  isSessionModel,
  isTensor,
} from "../rpc/checks.js";
import { isObject } from "../rpc/is-object.js";
import type { Protocol } from "../rpc/protocol.js";

/** What a training worker is asked for. It answers one after the other, in the order of the calls. */
export interface TrainingMethods {
  /** Loads a step; the first call. The arrays of the state are taken over. */
  readonly open: {
    readonly params: {
      /** Without the frozen prefix, which runs elsewhere and may be large. */
      readonly step: CompiledStep;
      readonly settings: StepSettings;
      readonly state: TrainingState;
    };
    readonly result: undefined;
  };
  readonly update: {
    readonly params: { readonly batches: readonly Feeds[]; readonly learningRate: number };
    readonly result: UpdateResult;
  };
  readonly evaluate: { readonly params: { readonly batch: Feeds }; readonly result: BatchResult };
  readonly gradients: {
    readonly params: { readonly batch: Feeds };
    readonly result: BatchGradients;
  };
  readonly apply: {
    readonly params: {
      readonly gradients: ReadonlyMap<string, Float32Array>;
      readonly learningRate: number;
    };
    readonly result: undefined;
  };
  readonly assign: {
    readonly params: { readonly values: TrainedValues };
    readonly result: undefined;
  };
  readonly values: { readonly params: undefined; readonly result: TrainedValues };
  readonly state: { readonly params: undefined; readonly result: TrainingState };
  /** Frees the step. */
  readonly close: { readonly params: undefined; readonly result: undefined };
}

type Params<K extends keyof TrainingMethods> = TrainingMethods[K]["params"];

/**
 * The rules of {@link TrainingMethods}. Weights that are asked for move; what is given is copied, as the
 * caller goes on with it.
 */
export const TRAINING: Protocol<TrainingMethods> = {
  open: {
    isParams: (value): value is Params<"open"> =>
      isObject(value) && isStep(value.step) && isObject(value.settings) && isState(value.state),
    isResult: isNothing,
    moveParams: ({ state }) => arraysOf(state),
  },
  update: {
    isParams: (value): value is Params<"update"> =>
      isObject(value) &&
      typeof value.learningRate === "number" &&
      Array.isArray(value.batches) &&
      value.batches.every(isFeeds),
    isResult: (value): value is UpdateResult =>
      isObject(value) &&
      typeof value.gradientNorm === "number" &&
      Array.isArray(value.batches) &&
      value.batches.every(isBatchResult),
  },
  evaluate: { isParams: isBatch, isResult: isBatchResult },
  gradients: {
    isParams: isBatch,
    isResult: (value): value is BatchGradients =>
      isBatchResult(value) &&
      "gradients" in value &&
      isMapOf(value.gradients, isFloats) &&
      "states" in value &&
      isMapOf(value.states, isFloats),
    moveResult: ({ gradients, states }) => [...gradients.values(), ...states.values()],
  },
  apply: {
    isParams: (value): value is Params<"apply"> =>
      isObject(value) &&
      typeof value.learningRate === "number" &&
      isMapOf(value.gradients, isFloats),
    isResult: isNothing,
  },
  assign: {
    isParams: (value): value is Params<"assign"> => isObject(value) && isValues(value.values),
    isResult: isNothing,
  },
  values: { isParams: isNothing, isResult: isValues, moveResult: arraysOf },
  state: { isParams: isNothing, isResult: isState, moveResult: arraysOf },
  close: { isParams: isNothing, isResult: isNothing },
};

function isStep(value: unknown): value is CompiledStep {
  return isObject(value) && [value.training, value.evaluation].every(isPart);
}

function isPart(value: unknown): boolean {
  return isObject(value) && isSessionModel(value.model) && Array.isArray(value.inputs);
}

function isBatch(value: unknown): value is { readonly batch: Feeds } {
  return isObject(value) && isFeeds(value.batch);
}

function isBatchResult(value: unknown): value is BatchResult {
  return (
    isObject(value) &&
    typeof value.loss === "number" &&
    typeof value.weightSum === "number" &&
    isTensor(value.predictions)
  );
}

function isValues(value: unknown): value is TrainedValues {
  return isObject(value) && isMapOf(value.weights, isFloats) && isMapOf(value.states, isFloats);
}

function isState(value: unknown): value is TrainingState {
  return (
    isValues(value) &&
    "updates" in value &&
    isCount(value.updates) &&
    "slots" in value &&
    isMapOf(value.slots, isArrays)
  );
}

function isArrays(value: unknown): value is readonly Float32Array[] {
  return Array.isArray(value) && value.every(isFloats);
}

/** All arrays of a state or of values. */
function arraysOf({
  weights,
  states,
  slots,
}: TrainedValues & Partial<TrainingState>): Float32Array[] {
  return [...weights.values(), ...states.values(), ...[...(slots?.values() ?? [])].flat()];
}
