import type {
  BaseReference,
  DataProblem,
  Dataset,
  ImageInput,
  Modality,
  OpenStepEngine,
  Platform,
  TrainingEvent,
} from "@engraft/core";
import type { OpenFeatureCache } from "@engraft/core/internal";
import type { Model } from "@engraft/onnx/graph";
import type { BaseId } from "./bases/registry.js";
import type { RecordedExample } from "./format/files/record.js";
import type { ReportDrawer } from "./report/report-facts.js";
import type {
  DataSource,
  ImageSource,
  NamedInput,
  ReadDatasetOptions,
  ReadInputsOptions,
} from "./sources/source.js";
import type { UnreadableFile } from "./storage-errors.js";

/**
 * The machine that the product runs on: all that differs between Node, a browser and a test in memory.
 * Nothing else in this package knows a platform.
 *
 * A *place* is a string that means something to the host alone: in Node the path of a file or folder.
 */
export interface Host extends Platform {
  /** Version of Engraft, kept in every task. */
  readonly version: string;
  /** Opens training steps, on a thread of their own where the host has threads. */
  readonly openStepEngine: OpenStepEngine;
  readonly clock: Clock;
  readonly files: HostFiles;
  readonly tasks: TaskStorage;
  readonly data: DataReader;
  /** Loads what draws reports. */
  openReportDrawer(): Promise<ReportDrawer>;
  /**
   * Reads what a page about a task runs.
   *
   * @throws UsageError when it is not installed.
   */
  readPageParts(): Promise<PageProgram>;
  /**
   * Opens the log of a training in a folder: `metrics.jsonl` and a TensorBoard event file. A training that
   * goes on from a checkpoint appends to it.
   */
  openTrainingLog(place: string): Promise<TrainingLog>;
  /**
   * Opens caches of computed features.
   *
   * @param base - The base model whose features are kept.
   * @param onWarning - Told once when the cache cannot be written; the work goes on without it.
   */
  openFeatureCache(base: BaseReference, onWarning: (message: string) => void): OpenFeatureCache;
  /**
   * Reads a file of a base model that is known by name.
   *
   * @throws IntegrityError `base/invalid` when the file is not there.
   */
  readBaseFile(base: BaseId, name: string): Promise<Uint8Array>;
  /** Begins to load what predictions on such inputs will need, while files are being read. */
  warmUp(modality: Modality): void;
  /** Stops threads after what is under way. The host cannot be used afterwards. */
  close(): Promise<void>;
}

/** What a page about a task runs. */
export interface PageProgram {
  /** The program of the page, for a `<script>` that is no module. */
  readonly program: string;
  /** ONNX Runtime as WebAssembly, of the version that is in the program. */
  readonly wasm: Uint8Array;
}

/** Writes the events of a training. */
export interface TrainingLog {
  /** Adds an event; it may be written later. */
  write(event: TrainingEvent): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** Tells the time of trainings and caches. */
export interface Clock {
  /** Milliseconds since 1970; never goes back. */
  now(): number;
}

/** Files that a user names, beside tasks and data. */
export interface HostFiles {
  /**
   * Content of a file.
   *
   * @throws UnreadableFile with the reason.
   */
  read(place: string): Promise<Uint8Array>;
  /** The place of a file that is named in another one, relative to it. */
  beside(place: string, name: string): string;
  /**
   * Reads an ONNX model with the files beside it that hold its weights.
   *
   * @param unreadable - Makes the error where the file itself cannot be read.
   * @throws UsageError when a file beside it is missing or lies elsewhere.
   * @throws OnnxError when it is not an ONNX model that Engraft can read.
   */
  readModel(place: string, unreadable: (reason: UnreadableFile) => Error): Promise<ModelFile>;
  /**
   * Makes sure, before the work for it is done, that a file can be written.
   *
   * @param what - What is to be written, for messages: `a report`.
   * @param isOurs - Tells by its bytes whether Engraft wrote a file of this kind, which is replaced.
   * @throws UsageError when something else is there.
   * @throws OutputError when nothing can be written there.
   */
  prepareFile(
    place: string,
    what: string,
    isOurs: (bytes: Uint8Array) => boolean,
  ): Promise<WritableFile>;
  /**
   * The same for a folder of files.
   *
   * @param what - What is to be written, for messages: `an export`.
   * @param names - Names of the files that such a folder may have; where all that is there has one of
   *   them, it is replaced.
   */
  prepareFolder(place: string, what: string, names: readonly string[]): Promise<WritableFolder>;
}

/** An ONNX file with the files beside it that hold its weights. */
export interface ModelFile {
  /** Content of the file itself. */
  readonly bytes: Uint8Array;
  readonly model: Model;
  /** Content of the external data files by their location in the model. */
  readonly dataFiles: ReadonlyMap<string, Uint8Array>;
}

/** A file that can be written: it has its content whole, or is as it was. */
export interface WritableFile {
  /** What is there; undefined while there is nothing. */
  read(): Promise<Uint8Array | undefined>;
  /** Writes the whole file, in the place of what is there. */
  write(bytes: Uint8Array): Promise<void>;
}

/** A folder that can be written: it has all its files, or is as it was. */
export interface WritableFolder {
  /** Writes all files, by name. */
  write(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/** Where tasks are kept. */
export interface TaskStorage {
  /** Differs between any two tasks at a place; undefined while there is none. */
  state(place: string): Promise<string | undefined>;
  /**
   * The content of `task.json`.
   *
   * @throws UsageError when there is no task at the place, saying what is there instead.
   */
  readManifest(place: string): Promise<Uint8Array>;
  /**
   * Another file of the task.
   *
   * @param bytes - The size that it should have; a larger file is not read.
   * @throws UnreadableFile with the reason.
   */
  readFile(place: string, name: string, bytes: number): Promise<Uint8Array>;
  /** Whether another process is putting a task in the place of the one that is there. */
  isBeingReplaced(place: string): Promise<boolean>;
  /**
   * Makes sure, before the work for it is done, that a task can be written to a place: nothing is there,
   * or another task.
   *
   * @param seen - The state of the place that the task is made from. Default: as it is now.
   * @throws UsageError when the place is taken by something that is not a task.
   * @throws OutputError when nothing can be written there.
   */
  prepare(place: string, seen?: { readonly state: string | undefined }): Promise<WritableTask>;
  /** A short name of the task at a place: that of its folder without the extension. */
  nameOf(place: string): string;
  /**
   * The place of the report on a task, where no other one is asked for; undefined where reports are not
   * kept beside tasks.
   */
  reportOf(place: string): string | undefined;
}

/** A place that a task can be written to. */
export interface WritableTask {
  /**
   * Writes a task so that the place has it whole or is as it was before.
   *
   * @returns Names of what was there beside a task, and was kept.
   * @throws TaskChangedError when another process has written there; the task is kept beside it then.
   * @throws OutputError when it cannot be written.
   */
  write(files: ReadonlyMap<string, Uint8Array>): Promise<readonly string[]>;
}

/** Reads data at a place, and finds the images of a task again. */
export interface DataReader {
  /**
   * Reads labelled data, wherever it comes from: a place, open files, rows; a data set is given back.
   *
   * @throws UsageError when there is nothing at the place.
   * @throws DataError when the data cannot be used.
   */
  dataset(source: DataSource, options: ReadDatasetOptions): Promise<Dataset>;
  /** Reads unlabelled inputs in constant memory, in order; or the problem of what cannot be read. */
  inputs(place: string, options: ReadInputsOptions): AsyncIterable<NamedInput | DataProblem>;
  /** An image by its bytes or its place, read when it is needed. */
  image(image: ImageSource, maxImagePixels: number | undefined): ImageInput;
  /** The way from a task to its data, which still holds where both have moved together. */
  locationOf(data: string, task: string): string | undefined;
  /** The place that such a way leads to from a task. */
  placeOf(location: string, task: string): string;
  /** The folder at a place, or the one of the file there; undefined where there is nothing. */
  folderOf(place: string): Promise<string | undefined>;
  /** The place where the images of a task probably are; undefined where there is none. */
  guess(task: string): Promise<string | undefined>;
  /**
   * Finds images that a task was trained on: where they were below one of some places, else anywhere
   * below them by their content.
   *
   * @returns Reads an image; throws a DataError where none of the places has it.
   */
  images(
    places: readonly string[],
    signal: AbortSignal | undefined,
  ): (example: RecordedExample) => Promise<Uint8Array>;
  /** A small upright copy as a data URI; undefined where the image cannot be decoded. */
  thumbnail(image: Uint8Array): Promise<string | undefined>;
}
