/** Entry for programs that predict: it loads nothing of what trains. */
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
export { EXAMPLES_FILE, HEAD_FILE, RECORD_FILES, VOCABULARY_FILE } from "./format/task-files.js";
export { parseVocabulary } from "./format/vocabulary.js";
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
export type { TrainedTask } from "./train/pack.js";
