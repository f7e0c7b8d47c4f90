/**
 * Engraft in Node: tasks that are trained, measured and predicted with, and models layer by layer.
 *
 * @module engraft
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
export { applyCorrections } from "./corrections.js";
export { createEngraft, type EngraftOptions } from "./engraft.js";
export { readDataset, readInputs } from "./host/data/data-home.js";
export type { NodeHostOptions } from "./host/node-host.js";
export { RuntimeMissingError } from "./host/runtime/runtime-missing.js";
export { inspect } from "./inspect.js";
export { type DifferentiatedFile, differentiateFile } from "./models/differentiate-file.js";
export {
  compileTrainingStep,
  evaluate,
  findLearningRate,
  fit,
  loadModel,
  openModel,
  predict,
  saveModel,
} from "./models/models.js";
export { loadTask, selectBase, suggest, train } from "./tasks.js";
