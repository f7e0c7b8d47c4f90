/**
 * The engine of Engraft: models as layers, training, and what both run on. Tensors in, tensors out;
 * nothing of a platform. What only our own packages use is in `internal.ts`.
 *
 * @module @engraft/core
 */
export type { LeftOut, Model as OnnxModel } from "@engraft/onnx";
export type * from "@engraft/onnx/graph";
export type { Augmentation, AugmentationInput, ImageChanges } from "./augment/config.js";
export { augmentationPresets, augmentationSchema } from "./augment/config.js";
export type { BaseModel, ReadBaseFile, Tuning } from "./bases/base.js";
export { openBase, parseBaseSpec } from "./bases/base.js";
export type { BaseSpec, Tap } from "./bases/spec.js";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./codec/safetensors.js";
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
  UnlabelledExample,
} from "./dataset/dataset.js";
export * from "./errors.js";
export type { Truncation } from "./features/truncation.js";
export { modelOfBase } from "./finetune/model-of-base.js";
export type { ActivationKind } from "./layers/activation.js";
export type { ConvolutionOptions, WindowOptions } from "./layers/convolution.js";
export type { DenseOptions } from "./layers/dense.js";
export * as layers from "./layers/index.js";
export type { Initializer } from "./layers/initializers.js";
export type { Layout } from "./layers/layout.js";
export type {
  Channels,
  LayerGroup,
  LayerOptions,
  LayerScope,
  NewLayer,
  SingleLayer,
  WeightRequest,
} from "./layers/new-layer.js";
export type { BatchNormOptions, LayerNormOptions } from "./layers/normalization.js";
export type { LinearAlgebra, Matrix, Matrix32, Matrix64 } from "./math/matrix.js";
export { baseOfOnnx, type OnnxBaseParts } from "./model/base-of-onnx.js";
export type { AppendOptions } from "./model/edit/append-layers.js";
export type { ModelDetails } from "./model/edit/parts.js";
export { type InputPreparation, preparationFor } from "./model/edit/preparation.js";
export {
  type HasWeights,
  type TransferOptions,
  type TransferReport,
  transferWeights,
} from "./model/edit/transfer-weights.js";
export type { Architecture, LayerArchitecture } from "./model/graph/architecture.js";
export type { FoundTap } from "./model/graph/find-taps.js";
export { Model } from "./model/model.js";
export type { ModelSummary, SummaryRow } from "./model/summary.js";
export { Layer, type LayerWeight } from "./model/weights/layer.js";
export { Weight } from "./model/weights/weight.js";
export type {
  OnProgress,
  Platform,
  PreparedImage,
  PrepareImageOptions,
  Progress,
} from "./platform.js";
export {
  type ImagePreprocessing,
  type Preprocessing,
  parsePreprocessing,
  type TextPreprocessing,
} from "./preprocess/spec.js";
export { createRandom, type Indexed, type Random } from "./random/random.js";
export { type Feeds, feedsOf, type NamedTensors } from "./runtime/feeds.js";
export { type OnnxLinearAlgebra, onnxLinearAlgebra } from "./runtime/linear-algebra.js";
export type { OrtModule, OrtSession, OrtTensor } from "./runtime/ort.js";
export { ortRuntime } from "./runtime/ort.js";
export type { BaseReference, Runtime, Session, SessionOptions } from "./runtime/runtime.js";
export type { SessionModel } from "./runtime/session-model.js";
export type { Sha256 } from "./train/loop/checkpoint.js";
export { decodeCheckpoint, encodeCheckpoint, isCheckpoint } from "./train/loop/checkpoint.js";
export type * from "./train/loop/events.js";
export type { FitRunOptions } from "./train/loop/fit.js";
export type { FitPlatform } from "./train/loop/open-step.js";
export type { EpochSummary, RunPosition, RunState } from "./train/loop/run-state.js";
export type { BinaryCrossEntropyConfig } from "./train/losses/binary-cross-entropy.js";
export type { CosineSimilarityConfig } from "./train/losses/cosine-similarity.js";
export type { CrossEntropyConfig } from "./train/losses/cross-entropy.js";
export {
  type LossConfig,
  type LossConfigInput,
  lossConfigSchema,
  parseLossConfig,
} from "./train/losses/index.js";
export type { HuberConfig, MeanSquaredErrorConfig } from "./train/losses/regression.js";
export type {
  FoundLearningRate,
  LearningRateSweepOptions,
} from "./train/model/find-learning-rate.js";
export {
  type FitExamples,
  type FitResult,
  findModelLearningRate,
  fitModel,
} from "./train/model/fit-model.js";
export type {
  LearningRateRange,
  LearningRateSuggestion,
} from "./train/model/learning-rate-sweep.js";
export { type ModelPassOptions, ModelSession } from "./train/model/model-session.js";
export type { TensorExamples } from "./train/model/prepare-examples.js";
export {
  type ApplyOptions,
  TrainingStep,
  type TrainingStepOptions,
  type ValueAndGrad,
} from "./train/model/training-step.js";
export type { AdamWOptions } from "./train/optimizers/adamw.js";
export type { OptimizerConfig, OptimizerConfigInput } from "./train/optimizers/index.js";
export type { SgdOptions } from "./train/optimizers/sgd.js";
export {
  type FitConfig,
  type FitConfigInput,
  fitConfigSchema,
  parseFitConfig,
  type TrainingStepConfig,
  type TrainingStepConfigInput,
} from "./train/settings/config.js";
export type {
  EarlyStoppingConfig,
  EarlyStoppingInput,
  EarlyStoppingState,
} from "./train/settings/early-stopping.js";
export { layerwiseGroups, type WeightGroup } from "./train/settings/layerwise-groups.js";
export type {
  MetricsState,
  TrainingMetricName,
  TrainingMetrics,
} from "./train/settings/metrics.js";
export {
  createSchedule,
  type Schedule,
  type ScheduleConfig,
  type ScheduleConfigInput,
} from "./train/settings/schedules.js";
export type {
  CompiledPart,
  CompiledStep,
  RowOutputs,
  StepOutputs,
} from "./train/step/compile-step.js";
export type { RowTable } from "./train/step/row-tables.js";
export type * from "./train/step/step-engine.js";
export { StepRunner } from "./train/step/step-runner.js";
export type { BatchStatistics, DropoutMask } from "./train/step/training-graph.js";
