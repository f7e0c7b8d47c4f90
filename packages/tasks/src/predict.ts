/** Entry for programs that predict: it loads nothing of what trains. */
export type {
  ComparedFigures,
  Figures,
  Interval,
  SummaryFigures,
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
export { Answerer } from "./predict/answerer.js";
export {
  type Caution,
  type CautionLimits,
  type CautiousPrediction,
  cautionLimits,
  withCaution,
} from "./predict/caution.js";
export { Predictor } from "./predict/predictor.js";
export type { Prediction } from "./predict/task-head.js";
export { Trunk, type TrunkNeeds } from "./predict/trunk.js";
export type { TrunkReader } from "./predict/trunk-reader.js";
export type { TrainedTask } from "./train/pack.js";
