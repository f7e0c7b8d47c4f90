import type {
  AppendOptions,
  Architecture,
  FitResult,
  FoundLearningRate,
  FoundTap,
  InputPreparation,
  LeftOut,
  ModelSummary,
  NamedTensors,
  Tensor,
  TensorExamples,
  TrainingMetrics,
  TransferReport,
  ValueAndGrad,
  ValueInfo,
} from "@engraft/core";
import type { InputBinding, TensorSplits } from "@engraft/tasks";
import type { Method, SentOptions } from "./method.js";
import type { SentData, SentInput } from "./sources.js";

/*
 * Models layer by layer: they are in the worker. A page knows their layers, and says with every call
 * which weights are frozen.
 */

/** A weight without its values. */
export interface WeightFacts {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: "parameter" | "state";
  readonly frozen: boolean;
}

/** What a page knows of a model without asking the worker. */
export interface ModelFacts {
  /** The number of the model in the worker. */
  readonly model: number;
  readonly inputs: readonly ValueInfo[];
  readonly output: ValueInfo;
  readonly taps: readonly FoundTap[];
  readonly leftOut: readonly LeftOut[];
  /** How raw inputs become those of the model; undefined where it takes tensors alone. */
  readonly preparation: Omit<InputPreparation, "tokenizer"> | undefined;
  /** Paths of all layers, outer ones first. */
  readonly paths: readonly string[];
  readonly weights: readonly WeightFacts[];
  /** Names of the layers of the first level that were put on. */
  readonly added: readonly string[];
}

/** A new layer: the function that makes it, and what that is given. */
export interface SentLayer {
  readonly kind: string;
  readonly settings: readonly unknown[];
}

/** One change of a model, which makes another one. */
export type ModelEdit =
  | { readonly kind: "cut"; readonly name: string }
  | {
      readonly kind: "append";
      readonly layers: readonly SentLayer[];
      readonly options: AppendOptions;
    }
  | {
      readonly kind: "lora";
      readonly options: {
        readonly rank: number;
        readonly layers?: string;
        readonly seed?: number;
      };
    };

/** A model, and which of its weights are frozen on the page. */
export interface OfModel {
  readonly model: number;
  readonly frozen: readonly string[];
}

/** A training step, and which weights of its model are frozen on the page. */
export interface OfStep {
  readonly step: number;
  readonly frozen: readonly string[];
}

/** Weights of a model: all, or those of a layer. */
export interface SentWeights {
  readonly model: number;
  readonly layer: string | undefined;
}

/** Labelled data, or tensors as they are. */
export type SentExamples<T extends object> =
  | SentData
  | { readonly kind: "tensors"; readonly tensors: T };

/** A model, and what it is trained on. */
export interface SentTraining extends OfModel {
  readonly data: SentExamples<TensorSplits>;
  readonly options: SentOptions;
}

/** What a model predicts: tensors, or inputs that it prepares. */
export type SentModelInputs =
  | { readonly kind: "tensors"; readonly tensors: NamedTensors }
  | { readonly kind: "inputs"; readonly inputs: readonly SentInput[] };

/** Where a model comes from: a name or address, or the content of its file. */
export type SentModel = string | Uint8Array | Blob;

/** What a page asks its worker for about models. */
export interface ModelMethods {
  readonly loadModel: Method<
    {
      readonly source: SentModel;
      readonly externalData: ReadonlyMap<string, Uint8Array | Blob> | undefined;
      readonly bind: readonly InputBinding[] | undefined;
      readonly preprocess: string | undefined;
    },
    ModelFacts
  >;
  /** A model of new layers alone. */
  readonly sequential: Method<
    {
      readonly inputShape: readonly number[];
      readonly layers: readonly SentLayer[];
      readonly seed: number | undefined;
      readonly edits: readonly ModelEdit[];
    },
    ModelFacts
  >;
  readonly editModel: Method<OfModel & { readonly edits: readonly ModelEdit[] }, ModelFacts>;
  /** Names of the weights of a layer, and of all that its output is computed from. */
  readonly weightsUpTo: Method<
    OfModel & { readonly layer: string },
    { readonly names: ReadonlySet<string> }
  >;
  readonly summarize: Method<
    OfModel,
    { readonly summary: Omit<ModelSummary, "toString">; readonly text: string }
  >;
  readonly architecture: Method<OfModel, Architecture>;
  readonly modelFile: Method<{ readonly model: number }, { readonly file: Uint8Array }>;
  readonly weightsFile: Method<{ readonly model: number }, { readonly file: Uint8Array }>;
  readonly loadWeights: Method<
    { readonly model: number; readonly file: Uint8Array | Blob; readonly options: SentOptions },
    TransferReport
  >;
  readonly transferWeights: Method<
    { readonly from: SentWeights; readonly to: SentWeights; readonly options: SentOptions },
    TransferReport
  >;
  readonly readWeight: Method<
    { readonly model: number; readonly name: string },
    { readonly data: Float32Array }
  >;
  readonly writeWeight: Method<
    { readonly model: number; readonly name: string; readonly data: Float32Array },
    undefined
  >;
  readonly saveModel: Method<
    { readonly model: number; readonly place: string | FileSystemFileHandle },
    undefined
  >;
  readonly fit: Method<SentTraining, FitResult>;
  readonly findLearningRate: Method<SentTraining, FoundLearningRate>;
  readonly compileStep: Method<
    OfModel & { readonly options: SentOptions },
    { readonly step: number }
  >;
  readonly valueAndGrad: Method<OfStep & { readonly batch: TensorExamples }, ValueAndGrad>;
  readonly applyGradients: Method<
    OfStep & {
      readonly gradients: ReadonlyMap<string, Float32Array>;
      readonly learningRate: number | undefined;
    },
    undefined
  >;
  readonly evaluateStep: Method<OfStep & { readonly batch: TensorExamples }, TrainingMetrics>;
  readonly closeStep: Method<{ readonly step: number }, undefined>;
  /** Opens a model for predictions; the number is that of what is open. */
  readonly openModel: Method<{ readonly model: number }, { readonly open: number }>;
  readonly predictModel: Method<
    {
      readonly open: number;
      readonly inputs: SentModelInputs;
      readonly options: SentOptions;
    },
    Tensor
  >;
  readonly runModel: Method<
    { readonly open: number; readonly feeds: NamedTensors },
    { readonly outputs: ReadonlyMap<string, Tensor> }
  >;
  readonly evaluateModel: Method<
    {
      readonly open: number;
      readonly data: SentExamples<TensorExamples>;
      readonly options: SentOptions;
    },
    TrainingMetrics
  >;
  readonly closeOpenModel: Method<{ readonly open: number }, undefined>;
  readonly closeModel: Method<{ readonly model: number }, undefined>;
}
