import { isObject, type MethodRules, type Protocol } from "@engraft/core/workers/rpc";
import type {
  Evaluation,
  ExportedTask,
  RankedBase,
  Report,
  SelectivePrediction,
  TaskComparison,
} from "@engraft/tasks";
import type { RuntimeInfo } from "../host/runtime/web-runtime.js";
import type { WebHostOptions } from "../host/web-host.js";
import type {
  EngineEvent,
  SentFirstSuggestions,
  SentLabelReview,
  SentPrediction,
  SentSuggestions,
  StorageInfo,
  TaskFacts,
} from "./facts.js";
import type { SentData, SentInput, SentPlace, SentUnlabelled } from "./sources.js";

/** Options of the product, without functions and without the data among them. */
export type SentOptions = Readonly<Record<string, unknown>>;

interface Method<Params, Result> {
  readonly params: Params;
  readonly result: Result;
  readonly event: EngineEvent;
}

interface OfTask {
  readonly task: number;
  readonly options: SentOptions;
}

interface OnData extends OfTask {
  readonly source: SentData;
}

/** What a page asks its worker for. */
export interface EngineMethods {
  /** Makes the instance; the first call. */
  readonly open: Method<Omit<WebHostOptions, "onWarning">, undefined>;
  readonly info: Method<object, RuntimeInfo>;
  readonly storage: Method<object, StorageInfo>;
  /** Removes what is kept: a task by its name, or all of a kind. */
  readonly clear: Method<
    { readonly what: "bases" | "features" | "tasks"; readonly name?: string | undefined },
    undefined
  >;
  readonly train: Method<
    {
      readonly source: SentData | SentUnlabelled;
      readonly unlabelled: SentUnlabelled | undefined;
      readonly options: SentOptions;
    },
    TaskFacts
  >;
  readonly loadTask: Method<
    { readonly place: SentPlace; readonly options: SentOptions },
    TaskFacts
  >;
  readonly suggestFirst: Method<
    { readonly source: SentUnlabelled; readonly options: SentOptions },
    SentFirstSuggestions
  >;
  readonly selectBase: Method<
    { readonly source: SentData; readonly options: SentOptions },
    { readonly ranked: readonly RankedBase[] }
  >;
  readonly predict: Method<
    OfTask & { readonly inputs: readonly SentInput[] },
    { readonly predictions: readonly SelectivePrediction[] }
  >;
  /** Begins a stream of predictions, which `next` takes from and `end` ends. */
  readonly stream: Method<
    OfTask & { readonly source: SentUnlabelled },
    { readonly stream: number }
  >;
  readonly next: Method<
    { readonly stream: number },
    { readonly predictions: readonly SentPrediction[]; readonly done: boolean }
  >;
  readonly end: Method<{ readonly stream: number }, undefined>;
  readonly evaluate: Method<OnData, Evaluation>;
  readonly compare: Method<OnData & { readonly other: number }, TaskComparison>;
  readonly extend: Method<OnData & { readonly unlabelled: SentUnlabelled | undefined }, TaskFacts>;
  readonly findLabelErrors: Method<OnData, SentLabelReview>;
  readonly suggest: Method<OfTask & { readonly source: SentUnlabelled }, SentSuggestions>;
  readonly report: Method<OfTask, Omit<Report, "output">>;
  readonly export: Method<
    OfTask & { readonly data: SentData | undefined; readonly inputs: SentUnlabelled | undefined },
    Omit<ExportedTask, "output"> & { readonly content: ReadonlyMap<string, Uint8Array> }
  >;
  /** The task as one file. */
  readonly pack: Method<{ readonly task: number }, { readonly file: Uint8Array<ArrayBuffer> }>;
  readonly save: Method<OfTask & { readonly place: SentPlace }, undefined>;
  readonly closeTask: Method<{ readonly task: number }, undefined>;
}

/**
 * The rules of {@link EngineMethods}. Both sides are the same version of this package: a look at what
 * arrives tells an answer from something else.
 */
function method<Params, Result>(): MethodRules<Params, Result, EngineEvent> {
  return {
    isParams: (value): value is Params => isObject(value),
    isResult: (value): value is Result => value === undefined || isObject(value),
    isEvent: (value): value is EngineEvent => isObject(value) && typeof value.kind === "string",
  };
}

export const ENGINE: Protocol<EngineMethods> = {
  open: method(),
  info: method(),
  storage: method(),
  clear: method(),
  train: method(),
  loadTask: method(),
  suggestFirst: method(),
  selectBase: method(),
  predict: method(),
  stream: method(),
  next: method(),
  end: method(),
  evaluate: method(),
  compare: method(),
  extend: method(),
  findLabelErrors: method(),
  suggest: method(),
  report: method(),
  export: { ...method(), moveResult: ({ content }) => content.values() },
  pack: { ...method(), moveResult: ({ file }) => [file] },
  save: method(),
  closeTask: method(),
};
