/** Entry for programs that predict: it loads nothing of what trains. */
export { OpenBases } from "./bases/open-bases.js";
export {
  BASE_PACKAGES,
  type BaseId,
  baseIds,
  DEFAULT_BASE,
  isBaseId,
  isOnnxPlace,
} from "./bases/registry.js";
export { Engraft } from "./engraft.js";
export type {
  ComparedMetrics,
  Metrics,
  SummaryMetrics,
  TaskManifest,
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
export { Predictor } from "./predict/predictor.js";
export {
  type SelectiveLimits,
  type SelectiveOptions,
  type SelectivePrediction,
  selectiveLimits,
  withSelection,
} from "./predict/selective.js";
export { type BackboneNeeds, SharedBackbone } from "./predict/shared-backbone.js";
export type { Prediction } from "./predict/task-head.js";
export { TaskPredictor } from "./predict/task-predictor.js";
export type * from "./sources/options.js";
export type * from "./sources/source.js";
export { OutputError, TaskChangedError, UnreadableFile } from "./storage-errors.js";
export type { TrainedTask } from "./train/pack.js";
