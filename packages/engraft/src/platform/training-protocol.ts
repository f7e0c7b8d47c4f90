import type { CompiledStep, Feeds, StepEngine, StepSettings, TrainingState } from "@engraft/core";

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
  | { readonly kind: "state" }
  | { readonly kind: "close" };

/** The result of each kind of request. */
export interface TrainingResults {
  open: undefined;
  update: Awaited<ReturnType<StepEngine["update"]>>;
  evaluate: Awaited<ReturnType<StepEngine["evaluate"]>>;
  gradients: Awaited<ReturnType<StepEngine["gradients"]>>;
  state: TrainingState;
  close: undefined;
}

export type TrainingReply =
  | { readonly result: TrainingResults[keyof TrainingResults] }
  | { readonly error: { readonly message: string; readonly stack: string | undefined } };
