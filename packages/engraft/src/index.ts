export type * from "@engraft/core";
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
} from "@engraft/core";
export type { PairedComparison } from "@engraft/core/internal";
export type {
  ColumnOptions,
  DataFolder,
  DataSource,
  FileSource,
  FolderSource,
  InputOptions,
  InputSource,
  LabelledRow,
  NamedInput,
  ReadOptions,
  RowInput,
  Rows,
} from "@engraft/data";
export type {
  Agreement,
  ChangedLabel,
  ComparedMetrics,
  FindLearningRateOptions,
  FitOptions,
  InputBinding,
  LabelReview,
  LoadModelOptions,
  Metrics,
  ModelEvaluateOptions,
  ModelInputs,
  ModelPredictOptions,
  ModelTestData,
  ModelTrainingData,
  OpenModel,
  Prediction,
  RankedBase,
  SearchReason,
  SelectiveOptions,
  SelectivePrediction,
  SuggestedInput,
  SummaryMetrics,
  SuspectLabel,
  TaskManifest,
  TrainConfig,
  TrainConfigInput,
} from "@engraft/tasks";
export { type BaseId, baseIds, OutputError, TaskChangedError } from "@engraft/tasks";
export { createEngraft, type EngraftOptions } from "./engraft.js";
export { readDataset, readInputs } from "./host/data-home.js";
export { RuntimeMissingError } from "./host/runtime-missing.js";
export {
  type Inspection,
  type InspectOptions,
  inspect,
  type LayerSummary,
  type PartSummary,
} from "./inspect.js";
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
export {
  type ExportComparison,
  type ExportedTask,
  type ExportOptions,
  exportTask,
} from "./tasks/export.js";
export { type ExtendOptions, type Extension, extend } from "./tasks/extend.js";
export { loadTask } from "./tasks/load.js";
export { type RankOptions, rank } from "./tasks/rank.js";
export {
  type Correction,
  type ReviewOptions,
  reviewLabels,
  writeCorrections,
} from "./tasks/relabel.js";
export { report } from "./tasks/report.js";
export { type SuggestOptions, suggest } from "./tasks/suggest.js";
export type {
  MeasureOptions,
  PredictOptions,
  StreamInput,
  StreamResult,
  Task,
} from "./tasks/task.js";
export { type TrainOptions, train } from "./tasks/train.js";
export type { ReportOptions, SuspiciousExample, WrittenReport } from "./tasks/write-report.js";
