/** What both entries of pages export beside the functions. */
export {
  AutodiffError,
  CheckpointError,
  DataError,
  EngraftError,
  IntegrityError,
  OnnxError,
  RuntimeError,
  UsageError,
  WorkerError,
} from "@engraft/core/errors";
export type * from "@engraft/tasks";
export { OutputError, TaskChangedError } from "@engraft/tasks/errors";
export type { BaseAddresses } from "../host/bases/addresses.js";
export type { OrtOptions } from "../host/runtime/load-ort.js";
export type { RuntimeInfo } from "../host/runtime/web-runtime.js";
export type { WebHostOptions } from "../host/web-host.js";
export type { StorageInfo } from "../protocol/facts.js";
export type { Api, EngraftOptions, Train } from "./api.js";
export type { Watch } from "./engine.js";
export { Engraft, type KeptStorage } from "./engraft.js";
export type { WebImage, WebInputOf } from "./inputs.js";
export type * from "./options.js";
export type { WebStreamedPrediction } from "./receive.js";
export type {
  WebDataSource,
  WebFilesSource,
  WebRow,
  WebTaskSource,
  WebTaskTarget,
  WebUnlabelledSource,
} from "./sources.js";
export { Task } from "./task.js";
