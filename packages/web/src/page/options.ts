import type { Modality, OnProgress } from "@engraft/core";
import type {
  EvaluateSourceOptions,
  ExportedTask,
  ExportOptions,
  ExtendOptions,
  FirstSuggestOptions,
  LoadOptions,
  PageExportOptions,
  ReadOptions,
  RelabelOptions,
  Report,
  ReportOptions,
  SelectBaseOptions,
  SuggestOptions,
  TrainOptions,
  WorkOptions,
} from "@engraft/tasks";
import type { WebDataSource, WebUnlabelledSource } from "./sources.js";

/*
 * The options of a page: those of the package `engraft`, without paths.
 */

/** Options without those that name places on a disk. */
export type WithoutPlaces<T> = Omit<T, "imageFolder" | "formerFolder" | "unlabelled" | "output">;

/** Unlabelled examples to learn from. */
export interface LearnsFrom {
  /** Examples without a label, which say how inputs of this kind vary; they are used where they help. */
  readonly unlabelled?: WebUnlabelledSource | undefined;
}

/** What is told while a base model comes: the first visit loads it. */
export interface WatchesDownload {
  /** Told how many bytes have come, in the phase `download`. Default: nobody is. */
  readonly onProgress?: OnProgress | undefined;
}

/** How a task is loaded. */
export interface WebLoadOptions<M extends Modality = Modality>
  extends LoadOptions<M>,
    WatchesDownload {}

/** What to train, and how; every part has a default. */
export interface WebTrainOptions extends WithoutPlaces<TrainOptions>, LearnsFrom {
  /** The name to keep the task under in this browser. Default: it is only in memory until it is saved. */
  readonly output?: string | undefined;
}

/** How a task is extended. */
export interface WebExtendOptions
  extends Omit<WithoutPlaces<ExtendOptions>, "oldData">,
    LearnsFrom {
  /** The name to keep the task under in this browser. Default: it is only in memory until it is saved. */
  readonly output?: string | undefined;
}

/** How labelled data is read. */
export type WebReadOptions = WithoutPlaces<ReadOptions>;
/** How labels were read from a file. */
export type WebRelabelOptions = WithoutPlaces<RelabelOptions>;
/** How data is read and worked on. */
export type WebWorkOptions = WithoutPlaces<WorkOptions>;
/** How a task is measured. */
export type WebEvaluateOptions = WithoutPlaces<EvaluateSourceOptions>;
/** How inputs to label next are chosen. */
export type WebSuggestOptions = WithoutPlaces<SuggestOptions>;
/** How inputs to label first are chosen. */
export type WebFirstSuggestOptions = WithoutPlaces<FirstSuggestOptions>;
/** What is compared, and how. */
export type WebSelectBaseOptions = WithoutPlaces<SelectBaseOptions>;
/** How a report is made. */
export type WebReportOptions = Omit<ReportOptions, "output" | "data">;
/** A report: its page is `html`. */
export type WebReport = Omit<Report, "output">;

/** What is exported, and what it is compared on. */
export interface WebExportOptions extends Omit<WithoutPlaces<ExportOptions>, "data" | "inputs"> {
  /** One ONNX model, and what is needed to use it. Default. */
  readonly format?: "onnx" | undefined;
  /** Labelled data to measure the task and the exported model on. */
  readonly data?: WebDataSource | undefined;
  /** Unlabelled inputs to compare both on. */
  readonly inputs?: WebUnlabelledSource | undefined;
}

/** The task as one file: to use elsewhere, `mails.engraft.zip`; or a page that predicts by itself. */
export type WebFileExport = { readonly format: "engraft" } | PageExportOptions;

/** What was exported, and what was measured. */
export interface WebExportedTask extends Omit<ExportedTask, "output"> {
  /** The files by their names: `model.onnx`, and what is needed to use it. */
  readonly content: ReadonlyMap<string, Uint8Array>;
}
