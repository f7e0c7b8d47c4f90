/** Entry for programs that predict: it loads nothing of what trains. */
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
export { OpenBases } from "./bases/open-bases.js";
export {
  BASE_PACKAGES,
  type BaseId,
  baseIds,
  DEFAULT_BASE,
  isBaseId,
  isOnnxPlace,
} from "./bases/registry.js";
export { detectOutliers } from "./detect-outliers.js";
export { Engraft } from "./engraft.js";
export type { TaskComparison } from "./evaluate/compare-tasks.js";
export type { Evaluation } from "./evaluate/evaluate.js";
export type { Agreement } from "./export/export-agreement.js";
export type { ExtendedTask, ExtensionChanges, SearchReason } from "./extend/extend.js";
export type { ChangedLabel } from "./extend/join-examples.js";
export { readHead } from "./format/files/read-head.js";
export {
  type MovedAnswers,
  type MovedExample,
  parseExamples,
  parseRecord,
  type RecordedExample,
  type TaskRecord,
} from "./format/files/record.js";
export { requireBaseOf, requireRecordOf } from "./format/files/requirements.js";
export {
  packFiles,
  readStoredTask,
  type StoredTask,
  type TaskFiles,
} from "./format/files/stored-task.js";
export {
  isTaskZip,
  openTaskZip,
  packTaskZip,
  type TaskZip,
  taskNameOf,
} from "./format/files/task-zip.js";
export { parseVocabulary } from "./format/files/vocabulary.js";
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
export {
  describeHelp,
  describeTask,
  metricsTable,
  withInterval,
} from "./format/manifest/describe-task.js";
export {
  type ComparedMetrics,
  type FineTuningRecord,
  isMeasured,
  type MeasuredManifest,
  type Metrics,
  type Overlap,
  type SummaryMetrics,
  type TaskManifest,
  type TaskView,
  type ViewSummary,
} from "./format/manifest/manifest.js";
export { requireMeasured } from "./format/manifest/measured.js";
export { parseManifest } from "./format/manifest/parse-manifest.js";
export {
  EXAMPLES_FILE,
  HEAD_FILE,
  MANIFEST_FILE,
  RECORD_FILES,
  VOCABULARY_FILE,
} from "./format/manifest/task-files.js";
export type { Trust } from "./format/manifest/trust.js";
export {
  lookAlikesJson,
  lookAlikeWarning,
  trainedOnWarning,
  trainingWarnings,
  truncationWarning,
  unmeasuredWarning,
} from "./format/manifest/warnings.js";
export type * from "./host.js";
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
export { openTask, type TrainedTask } from "./predict/open-task.js";
export type { PredictOptions, PredictStreamOptions } from "./predict/options.js";
export type { StreamedPrediction } from "./predict/predict-stream.js";
export { Predictor } from "./predict/predictor.js";
export {
  type RankedLabel,
  type SelectiveLimits,
  type SelectiveOptions,
  type SelectivePrediction,
  selectiveLimits,
  withSelection,
} from "./predict/selective.js";
export { type BackboneNeeds, SharedBackbone } from "./predict/shared-backbone.js";
export type { Prediction, TaskParts } from "./predict/task-head.js";
export { TaskPredictor } from "./predict/task-predictor.js";
export { unpredictable } from "./predict/unpredictable.js";
export type * from "./report/report-facts.js";
export type * from "./sources/options.js";
export type * from "./sources/source.js";
export { OutputError, TaskChangedError, UnreadableFile } from "./storage-errors.js";
export type { LayerMetrics } from "./study/layer-probes.js";
export type { RankedBase } from "./study/rank.js";
export type { TaskLearning, TaskStudy } from "./study/study.js";
export { Task } from "./task.js";
export type { InputOf } from "./task-details.js";
export { TaskMemory, type TaskOrigin } from "./task-memory.js";
export type { ClassShares } from "./train/data/class-shares.js";
export type { Workspace } from "./workspace.js";
