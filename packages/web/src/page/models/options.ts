import type { NamedTensors, TensorExamples } from "@engraft/core";
import type {
  FindLearningRateOptions,
  FitOptions,
  LoadModelOptions,
  ModelEvaluateOptions,
  TensorSplits,
} from "@engraft/tasks";
import type { WebImage } from "../inputs.js";
import type { WatchesDownload, WithoutPlaces } from "../options.js";
import type { WebDataSource } from "../sources.js";

/** Where a model comes from: a base by its name, a kept name, an address, a file, or its content. */
export type WebModelSource = string | URL | Blob | Uint8Array;

/** How a model is loaded. */
export interface WebLoadModelOptions
  extends Omit<LoadModelOptions, "externalData">,
    WatchesDownload {
  /** Files that hold weights of the model, by their locations in it. Beside an address they are found. */
  readonly externalData?: ReadonlyMap<string, Uint8Array | Blob> | undefined;
}

/** What a model is trained on: labelled data, or tensors by the model's inputs. */
export type WebTrainingData = WebDataSource | TensorSplits;

/** What a model is measured on. */
export type WebTestData = WebDataSource | TensorExamples;

/** What a model predicts: texts or images, as its preparation takes them, or tensors by its inputs. */
export type WebModelInputs = readonly WebImage[] | NamedTensors;

/** How to train, and what happens on the way. Every part has a default. */
export interface WebFitOptions extends Omit<WithoutPlaces<FitOptions>, "logs"> {
  /** Name that the state of the run is kept under, after every epoch and where it is stopped. */
  readonly checkpoint?: string | undefined;
}

/** How learning rates are tried. */
export type WebFindLearningRateOptions = WithoutPlaces<FindLearningRateOptions>;

/** How a model is measured. */
export type WebModelEvaluateOptions = WithoutPlaces<ModelEvaluateOptions>;
