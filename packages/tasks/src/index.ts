/**
 * The product: an instance on a host, the tasks that it makes, and the types that these name.
 *
 * @module @engraft/tasks
 */
export type * from "@engraft/core";
export * from "@engraft/core/errors";
export type {
  BackTest,
  FeatureCache,
  FineTuneRecipe,
  ForecastPoint,
  LabelError,
  LearningCurve,
  LinearModel,
  MeasuredError,
  OpenFeatureCache,
  PairedComparison,
  Pooling,
  PowerLaw,
  RowPredictions,
  TfidfModel,
  Tokenization,
  TrainableSet,
} from "@engraft/core/internal";
export type {
  CountedLabel,
  FeatureColumn,
  FineTuneConfig,
  FineTuneInput,
  FineTuneSettings,
  Interval,
  LookAlikeLabels,
  OutlierScore,
  RunBatch,
  SplitBase,
  TextLength,
} from "@engraft/core/predict";
export {
  CLASS_WEIGHTS,
  CLASSIFIER_KINDS,
  type ClassifierKind,
  type ClassWeights,
  VIEW_CHOICES,
  type ViewChoice,
} from "@engraft/core/predict";
export type * from "@engraft/data";
export type { EvaluateSourceOptions } from "./actions/evaluate.js";
export type { ExportComparison, ExportedTask, ExportOptions } from "./actions/export.js";
export type { ExportedPage, PageExportOptions } from "./actions/export-page.js";
export type { ExtendOptions, Extension } from "./actions/extend.js";
export type { WorkOptions } from "./actions/options.js";
export type { Report, ReportOptions } from "./actions/report.js";
export type { SelectBaseOptions } from "./actions/select-base.js";
export type { Suggestions, SuggestOptions } from "./actions/suggest.js";
export type { FirstSuggestions, FirstSuggestOptions } from "./actions/suggest-first.js";
export type { TrainOptions } from "./actions/train.js";
export type { UnlabelledPlaces } from "./actions/unlabelled.js";
export type { OnnxBaseOptions } from "./bases/onnx-base.js";
export { type BaseHost, OpenBases } from "./bases/open-bases.js";
export { type BaseId, baseIds } from "./bases/registry.js";
export { Engraft } from "./engraft.js";
export type { TaskComparison } from "./evaluate/compare-tasks.js";
export type { Evaluation } from "./evaluate/evaluate.js";
export type { Agreement } from "./export/export-agreement.js";
export type { ExtendedTask, ExtensionChanges, SearchReason } from "./extend/extend.js";
export type { ChangedLabel } from "./extend/join-examples.js";
export type { ChosenView, Measurement } from "./format/files/measurement.js";
export type {
  MovedAnswers,
  MovedExample,
  RecordedExample,
  TaskRecord,
} from "./format/files/record.js";
export type {
  ClassShare,
  MeasuredGain,
  MovedCounts,
  NamesRecord,
  UnlabelledRecord,
  UnlikeRecord,
} from "./format/manifest/beside-labels.js";
export type {
  InputBinding,
  LabelDescription,
  LabelDescriptions,
  TrainConfig,
  TrainConfigInput,
} from "./format/manifest/config.js";
export type {
  ComparedMetrics,
  FineTuningRecord,
  MeasuredManifest,
  Metrics,
  Overlap,
  SummaryMetrics,
  TaskManifest,
  TaskView,
  ViewSummary,
} from "./format/manifest/manifest.js";
export type { Trust } from "./format/manifest/trust.js";
export type * from "./host.js";
export type { Inspection, InspectOptions, LayerSummary, PartSummary } from "./inspect.js";
export type { JudgedLabel, SuspiciousExample } from "./label/label-errors.js";
export type { AccuracyForecast, NextBatch, NextStep } from "./label/next-batch.js";
export type { LabelReview, SuspectLabel } from "./label/relabel.js";
export type { ChosenBy, SuggestedInput } from "./label/suggest.js";
export type { ClusterOfInput, TypicalInput, Unlabelled } from "./label/typical.js";
export type { LoadOptions } from "./load-task.js";
export type { ModelTestData, ModelTrainingData, TensorSplits } from "./models/examples.js";
export type { FindLearningRateOptions, FitOptions } from "./models/fit.js";
export type { LoadModelOptions } from "./models/load-model.js";
export {
  type ModelEvaluateOptions,
  type ModelInputs,
  type ModelPredictOptions,
  OpenModel,
} from "./models/open-model.js";
export type { BackboneConsumer } from "./predict/backbone-consumer.js";
export type { TrainedTask } from "./predict/open-task.js";
export type { PredictOptions, PredictStreamOptions } from "./predict/options.js";
export type { OutlierDetector } from "./predict/outlier-detector.js";
export type { StreamedPrediction } from "./predict/predict-stream.js";
export type { RankedLabel, SelectiveOptions, SelectivePrediction } from "./predict/selective.js";
export type { Prediction, TaskParts } from "./predict/task-head.js";
export type { TunedLayers } from "./predict/tuned-layers.js";
export type * from "./report/report-facts.js";
export type { CacheOptions, ReadingOptions, RunOptions } from "./sources/options.js";
export type {
  ImageSource,
  ReadDatasetOptions,
  ReadInputsOptions,
  UnlabelledRow,
  UnlabelledSource,
} from "./sources/source.js";
export { OutputError, TaskChangedError, UnreadableFile } from "./storage-errors.js";
export type { LayerMetrics } from "./study/layer-probes.js";
export type { RankedBase } from "./study/rank.js";
export type { TaskLearning, TaskStudy } from "./study/study.js";
export { Task } from "./task.js";
export type { InputOf, TaskDetails } from "./task-details.js";
export type { TaskOrigin } from "./task-memory.js";
export type { ClassShares } from "./train/data/class-shares.js";
export type { Workspace } from "./workspace.js";
