/**
 * Engraft on the calling thread, for workers of one's own: the same as the package `engraft` has in
 * Node, but for where data comes from. Pages use `@engraft/web`, which keeps all work off their thread.
 *
 * @module @engraft/web/worker
 */
export {
  AutodiffError,
  CheckpointError,
  DataError,
  EngraftError,
  IntegrityError,
  Layer,
  layers,
  layerwiseGroups,
  Model,
  OnnxError,
  RuntimeError,
  transferWeights,
  UsageError,
  Weight,
  WorkerError,
} from "@engraft/core";
export { readDataset, readInputs } from "@engraft/data";
export type * from "@engraft/tasks";
export {
  baseIds,
  CLASS_WEIGHTS,
  CLASSIFIER_KINDS,
  Engraft,
  OpenModel,
  OutputError,
  Task,
  TaskChangedError,
  VIEW_CHOICES,
} from "@engraft/tasks";
export { createEngraft, type EngraftOptions } from "./engraft.js";
export type { BaseAddresses } from "./host/bases/addresses.js";
export type { Device, DeviceOption } from "./host/runtime/device.js";
export type { OrtBuild, OrtOptions } from "./host/runtime/load-ort.js";
export type { WebHostOptions } from "./host/web-host.js";
