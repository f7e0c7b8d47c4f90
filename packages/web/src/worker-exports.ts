/** What a worker of one's own has of Engraft beside the function that makes an instance. */
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
export type { BaseAddresses } from "./host/bases/addresses.js";
export type { HostOptions } from "./host/web-host.js";
