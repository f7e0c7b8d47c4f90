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
export { Layer, layerwiseGroups } from "@engraft/core/layers";
export type * from "@engraft/tasks";
export { baseIds, CLASS_WEIGHTS, CLASSIFIER_KINDS, VIEW_CHOICES } from "@engraft/tasks";
export { OutputError, TaskChangedError } from "@engraft/tasks/errors";
export type { BaseAddresses } from "../host/bases/addresses.js";
export type { Device, DeviceOption } from "../host/runtime/device.js";
export type { BaseDevice } from "../host/runtime/devices/choice.js";
export type { OrtBuild, OrtOptions } from "../host/runtime/load-ort.js";
export type { RuntimeInfo } from "../host/runtime/web-runtime.js";
export type { HostOptions, WebHostOptions } from "../host/web-host.js";
export type { KeptKind, StorageInfo } from "../protocol/facts.js";
export type { Api, EngraftOptions, ModelClass, Train } from "./api.js";
export type { Watch } from "./engine.js";
export { Engraft, type KeptStorage } from "./engraft.js";
export type { PredictedFrame } from "./frames.js";
export type { WebImage, WebInputOf } from "./inputs.js";
export { type Layers, layers, type NewLayer, type SettingsOf } from "./models/layers.js";
export type { PendingModel } from "./models/model.js";
export { OpenModel } from "./models/open-model.js";
export type * from "./models/options.js";
export type { LoraOptions, Pending } from "./models/pending.js";
export { TrainingStep } from "./models/training-step.js";
export { Weight } from "./models/weight.js";
export {
  compileTrainingStep,
  evaluate,
  findLearningRate,
  fit,
  openModel,
  predict,
  saveModel,
  transferWeights,
} from "./models/work.js";
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
export { workOffline } from "./work-offline.js";
