export { bindModel } from "./bases/bind.js";
export { OpenBases } from "./bases/open-bases.js";
export { parseTokenizer, readPreprocessing } from "./bases/preprocessing.js";
export {
  BASE_PACKAGES,
  type BaseId,
  baseIds,
  DEFAULT_BASE,
  isBaseId,
  isOnnxPlace,
} from "./bases/registry.js";
export { Engraft } from "./engraft.js";
export { compareTasks, type TaskComparison } from "./evaluate/compare-tasks.js";
export { type EvaluateOptions, type Evaluation, evaluateTask } from "./evaluate/evaluate.js";
export { type TrainingSet, trainingSetOf } from "./evaluate/trained-on.js";
export { type ExportSettings, type PackedExport, packExport } from "./export/export.js";
export { type Agreement, agreementOf } from "./export/export-agreement.js";
export { EXPORT_FILES } from "./export/export-description.js";
export {
  type ExtendedTask,
  type ExtendTaskOptions,
  extendTask,
  type SearchReason,
} from "./extend/extend.js";
export type { ChangedLabel } from "./extend/join-examples.js";
export { type RestoredFeatures, restoreFeatures } from "./extend/restore-features.js";
export {
  type InputBinding,
  type TrainConfig,
  type TrainConfigInput,
  trainConfigSchema,
} from "./format/config.js";
export type {
  ComparedMetrics,
  Metrics,
  SummaryMetrics,
  TaskManifest,
  ViewSummary,
} from "./format/manifest.js";
export { parseManifest } from "./format/parse-manifest.js";
export { readHead } from "./format/read-head.js";
export {
  parseExamples,
  parseRecord,
  type RecordedExample,
  type TaskRecord,
} from "./format/record.js";
export { requireBaseOf, requireRecordOf } from "./format/requirements.js";
export {
  packFiles,
  readStoredRecord,
  readStoredTask,
  type TaskFiles,
} from "./format/stored-task.js";
export {
  EXAMPLES_FILE,
  HEAD_FILE,
  MANIFEST_FILE,
  RECORD_FILES,
  VOCABULARY_FILE,
} from "./format/task-files.js";
export { parseVocabulary } from "./format/vocabulary.js";
export {
  lookAlikesJson,
  lookAlikeWarning,
  trainedOnWarning,
  trainingWarnings,
  truncationWarning,
} from "./format/warnings.js";
export type * from "./host.js";
export { type JudgedLabel, judgeLabels } from "./label/label-errors.js";
export { type LabelReview, reviewLabels, type SuspectLabel } from "./label/relabel.js";
export { type SuggestedInput, suggestInputs } from "./label/suggest.js";
export type { ModelTestData, ModelTrainingData } from "./models/examples.js";
export type { FindLearningRateOptions, FitOptions } from "./models/fit.js";
export type { LoadModelOptions } from "./models/load-model.js";
export {
  type ModelEvaluateOptions,
  type ModelInputs,
  type ModelPredictOptions,
  OpenModel,
} from "./models/open-model.js";
export type { BackboneConsumer } from "./predict/backbone-consumer.js";
export { OutlierDetector } from "./predict/outlier-detector.js";
export { Predictor } from "./predict/predictor.js";
export {
  type SelectiveLimits,
  type SelectiveOptions,
  type SelectivePrediction,
  selectiveLimits,
  withSelection,
} from "./predict/selective.js";
export {
  type AskedReader,
  type BackboneNeeds,
  type BackbonePredictions,
  backboneKey,
  SharedBackbone,
} from "./predict/shared-backbone.js";
export { type Prediction, TaskHead, type TaskParts } from "./predict/task-head.js";
export { TaskPredictor } from "./predict/task-predictor.js";
export type * from "./sources/options.js";
export type * from "./sources/source.js";
export { OutputError, TaskChangedError, UnreadableFile } from "./storage-errors.js";
export { type RankedBase, rankBase } from "./study/rank.js";
export { studyTask, type TaskStudy } from "./study/study.js";
export type { TrainedTask } from "./train/pack.js";
export { type TrainTaskOptions, trainTask } from "./train/train.js";
