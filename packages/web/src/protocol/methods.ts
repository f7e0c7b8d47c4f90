import type { Protocol } from "@engraft/core/workers/rpc";
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
import type { DataMethods } from "./data.js";
import type {
  KeptKind,
  SentFirstSuggestions,
  SentLabelReview,
  SentPrediction,
  SentSuggestions,
  StorageInfo,
  TaskFacts,
} from "./facts.js";
import { type Method, method, type SentOptions } from "./method.js";
import type { ModelMethods } from "./models.js";
import type { SentData, SentInput, SentPlace, SentUnlabelled } from "./sources.js";

interface OfTask {
  readonly task: number;
  readonly options: SentOptions;
}

interface OnData extends OfTask {
  readonly source: SentData;
}

/** What a page asks its worker for. */
export interface EngineMethods extends DataMethods, ModelMethods {
  /** Makes the instance; the first call. */
  readonly open: Method<Omit<WebHostOptions, "onWarning">, undefined>;
  readonly info: Method<object, RuntimeInfo>;
  readonly storage: Method<object, StorageInfo>;
  /** Removes what is kept: a task by its name, or all of a kind. */
  readonly clear: Method<
    { readonly what: KeptKind; readonly name?: string | undefined },
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
  /** The files that the task is saved as, by their names. */
  readonly taskFiles: Method<
    { readonly task: number },
    { readonly files: ReadonlyMap<string, Uint8Array> }
  >;
  /** The task as one file. */
  readonly pack: Method<{ readonly task: number }, { readonly file: Uint8Array<ArrayBuffer> }>;
  /** The task as one HTML file. */
  readonly exportPage: Method<OfTask, { readonly file: Uint8Array<ArrayBuffer> }>;
  readonly save: Method<OfTask & { readonly place: SentPlace }, undefined>;
  readonly closeTask: Method<{ readonly task: number }, undefined>;
}

/** The rules of {@link EngineMethods}. What is large and made for the page moves to it. */
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
  taskFiles: method(),
  pack: { ...method(), moveResult: ({ file }) => [file] },
  exportPage: { ...method(), moveResult: ({ file }) => [file] },
  save: method(),
  closeTask: method(),
  readDataset: method(),
  readImage: method(),
  closeDataset: method(),
  inspect: method(),
  correct: { ...method(), moveResult: ({ file }) => [file] },
  loadModel: method(),
  sequential: method(),
  editModel: method(),
  weightsUpTo: method(),
  summarize: method(),
  architecture: method(),
  modelFile: { ...method(), moveResult: ({ file }) => [file] },
  weightsFile: { ...method(), moveResult: ({ file }) => [file] },
  loadWeights: method(),
  transferWeights: method(),
  readWeight: method(),
  writeWeight: method(),
  saveModel: method(),
  fit: method(),
  findLearningRate: method(),
  compileStep: method(),
  valueAndGrad: { ...method(), moveResult: ({ gradients }) => gradients.values() },
  applyGradients: method(),
  evaluateStep: method(),
  closeStep: method(),
  openModel: method(),
  predictModel: { ...method(), moveResult: ({ data }) => [data] },
  runModel: method(),
  evaluateModel: method(),
  closeOpenModel: method(),
  closeModel: method(),
};
