import type { DataProblem, Input, Progress, TextInput, TrainingEvent } from "@engraft/core";
import type {
  ComparedMetrics,
  Extension,
  FirstSuggestions,
  LabelReview,
  SelectivePrediction,
  SuggestedInput,
  Suggestions,
  SuspectLabel,
  TaskManifest,
  TypicalInput,
} from "@engraft/tasks";

/** What a page knows of a task without asking the worker. */
export interface TaskFacts {
  /** The number of the task in the worker. */
  readonly task: number;
  readonly manifest: TaskManifest;
  readonly extension: Extension | undefined;
  /** How good it is; undefined where nothing measured it. */
  readonly metrics: ComparedMetrics | undefined;
  /** What is said of it where nothing measured it. */
  readonly unmeasured: string;
  /** The task as lines of text. */
  readonly text: string;
}

/** What a stream gives for one input. */
export type SentPrediction =
  | { readonly source: string; readonly prediction: SelectivePrediction }
  | {
      readonly source: string;
      readonly message: string;
      readonly problems: readonly DataProblem[];
    };

/** An image that was sent to the page, which reads it there. */
export interface SentImage {
  readonly kind: "image";
  readonly file: Blob;
}

/** The same with an input that can be sent. */
export type SentItem<T extends { readonly input: Input }> = Omit<T, "input"> & {
  readonly input: TextInput | SentImage;
};

/** {@link FirstSuggestions} as they are sent. */
export type SentFirstSuggestions = Omit<FirstSuggestions, "suggested"> & {
  readonly suggested: readonly SentItem<TypicalInput>[];
};

/** {@link Suggestions} as they are sent. */
export type SentSuggestions = Omit<Suggestions, "suggested"> & {
  readonly suggested: readonly SentItem<SuggestedInput>[];
};

/** {@link LabelReview} as it is sent. */
export type SentLabelReview = Omit<LabelReview, "suspects"> & {
  readonly suspects: readonly SentItem<SuspectLabel>[];
};

/** What the worker tells while it works. */
export type EngineEvent =
  | { readonly kind: "progress"; readonly progress: Progress }
  /** Of the work that the call asked for. */
  | { readonly kind: "warning"; readonly message: string }
  /** Of the worker as a whole. */
  | { readonly kind: "notice"; readonly message: string }
  | { readonly kind: "training"; readonly event: TrainingEvent }
  | { readonly kind: "base"; readonly base: string };

/** What of all that is kept can be cleared at once. */
export type KeptKind = "bases" | "features" | "tasks" | "files";

/** What the browser keeps for Engraft. */
export interface StorageInfo {
  /** Where: `memory` lasts as long as the page. */
  readonly where: "opfs" | "cache" | "memory";
  /** Tasks by their names, and the bytes of each. */
  readonly tasks: ReadonlyMap<string, number>;
  /** Models and checkpoints by their names, and the bytes of each. */
  readonly files: ReadonlyMap<string, number>;
  /** Bytes of base models. */
  readonly bases: number;
  /** Bytes of computed features. */
  readonly features: number;
  /** Bytes that the browser gives this site in all, and those that are used; undefined where it does not say. */
  readonly quota: number | undefined;
  readonly usage: number | undefined;
}
