export type { Augmentation, AugmentationInput, ImageChanges } from "./augment/config.js";
export { augmentationPresets, augmentationSchema } from "./augment/config.js";
export { baseSpecSchema } from "./bases/spec.js";
export { forEachConcurrent } from "./concurrency.js";
export type {
  Dataset,
  Example,
  ImageInput,
  Input,
  Modality,
  SingleLabelExample,
  SplitName,
  Target,
  TextInput,
} from "./dataset/dataset.js";
export * from "./errors.js";
export { examplesForGain, type LearningCurve } from "./evaluate/curve/learning-curve.js";
export { type Abstaining, riskCoverage } from "./evaluate/metrics/abstain.js";
export { type Calibration, measureCalibration } from "./evaluate/metrics/calibration.js";
export type { PairedComparison } from "./evaluate/metrics/paired.js";
export type { FeatureCache, OpenFeatureCache } from "./features/cache.js";
export { openMemoryCache } from "./features/cache.js";
export type { FeatureColumn } from "./features/columns.js";
export { type FineTuneInput, type FineTuneSettings, parseFineTune } from "./finetune/config.js";
export { modelOfBase } from "./finetune/model-of-base.js";
export { findNeighbours } from "./heads/distance/nearest-neighbours.js";
export { type ClassifierKind, leftOutViews, type ViewChoice } from "./heads/views/views.js";
export * from "./images.js";
export * as layers from "./layers/index.js";
export { type LinearAlgebra, type Matrix32, rowOf } from "./math/matrix.js";
export { dot, indexOfLargest } from "./math/vector.js";
export { baseOfOnnx, type OnnxBaseParts } from "./model/base-of-onnx.js";
export type { ModelDetails } from "./model/edit/parts.js";
export { type InputPreparation, preparationFor } from "./model/edit/preparation.js";
export {
  type TransferOptions,
  type TransferReport,
  transferWeights,
} from "./model/edit/transfer-weights.js";
export type { Architecture, LayerArchitecture } from "./model/graph/architecture.js";
export type { FoundTap } from "./model/graph/find-taps.js";
export { openBatch } from "./model/graph/open-batch.js";
export { Model } from "./model/model.js";
export { describeLeftOut, type ModelSummary, type SummaryRow } from "./model/summary.js";
export { Layer } from "./model/weights/layer.js";
export { patternOf } from "./model/weights/patterns.js";
export { Weight } from "./model/weights/weight.js";
export { monotonicTime } from "./monotonic-time.js";
export type { OnProgress, Platform, PreparedImage, Progress } from "./platform.js";
export * from "./predict.js";
export {
  type ImagePreprocessing,
  type Preprocessing,
  parsePreprocessing,
  type TextPreprocessing,
} from "./preprocess/spec.js";
export { createRandom, type Random } from "./random/random.js";
export { type Feeds, feedsOf, type NamedTensors } from "./runtime/feeds.js";
export { onnxLinearAlgebra } from "./runtime/linear-algebra.js";
export type { OrtModule } from "./runtime/ort.js";
export { ortRuntime } from "./runtime/ort.js";
export type { Runtime, Session, SessionOptions } from "./runtime/runtime.js";
export { type SessionModel, sessionModel } from "./runtime/session-model.js";
export { metricsLine } from "./train/logs/metrics-log.js";
export { tensorBoardHeader, tensorBoardRecords } from "./train/logs/tensorboard.js";
export type { Sha256 } from "./train/loop/checkpoint.js";
export { decodeCheckpoint, encodeCheckpoint, isCheckpoint } from "./train/loop/checkpoint.js";
export type { OnTrainingEvent, TrainingEvent, Truncated } from "./train/loop/events.js";
export type { RunState } from "./train/loop/run-state.js";
export {
  type LossConfig,
  type LossConfigInput,
  lossConfigSchema,
  parseLossConfig,
} from "./train/losses/index.js";
export type {
  FindLearningRateOptions,
  FoundLearningRate,
} from "./train/model/find-learning-rate.js";
export {
  checkpointRun,
  type FitExamples,
  type FitResult,
  findModelLearningRate,
  fitModel,
} from "./train/model/fit-model.js";
export { ModelSession, type PredictOptions } from "./train/model/model-session.js";
export type { TensorExamples } from "./train/model/prepare-examples.js";
export {
  type ApplyOptions,
  TrainingStep,
  type TrainingStepOptions,
  type ValueAndGrad,
} from "./train/model/training-step.js";
export type { OptimizerConfig, OptimizerConfigInput } from "./train/optimizers/index.js";
export {
  type FitConfig,
  type FitConfigInput,
  fitConfigSchema,
  parseFitConfig,
} from "./train/settings/config.js";
export type { EarlyStoppingConfig } from "./train/settings/early-stopping.js";
export type { TrainingMetricName, TrainingMetrics } from "./train/settings/metrics.js";
export type { ScheduleConfig, ScheduleConfigInput } from "./train/settings/schedules.js";
export type { WeightGroup } from "./train/settings/weight-groups.js";
export { layerwiseGroups } from "./train/settings/weight-groups.js";
export type { CompiledStep } from "./train/step/compile-step.js";
export type {
  BatchGradients,
  OpenStepEngine,
  StepEngine,
  StepSettings,
  TrainedValues,
  TrainingState,
} from "./train/step/step-engine.js";
export { StepRunner } from "./train/step/step-runner.js";
