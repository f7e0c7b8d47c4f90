/**
 * Entry for programs that predict: it loads nothing of what trains, which would take longer than a
 * prediction.
 */
export type { BaseModel, ReadBaseFile } from "./bases/base.js";
export { openBase, parseBaseSpec } from "./bases/base.js";
export type { BaseSpec, Tap } from "./bases/spec.js";
export {
  type CountedLabel,
  codePointsOf,
  countLabels,
  type LookAlikeLabels,
  lookAlikeLabels,
  spellOut,
} from "./dataset/look-alikes.js";
export { type Truncation, TruncationCounter } from "./features/truncation.js";
export { type SplitBase, splitBase } from "./finetune/shared-prefix.js";
export { ADAPTER_FILE, baseOfTask } from "./finetune/tuned-base.js";
export type { TextLength } from "./preprocess/text.js";
export { Answerer } from "./tasks/answerer.js";
export {
  type Caution,
  type CautionLimits,
  type CautiousPrediction,
  cautionLimits,
  withCaution,
} from "./tasks/caution.js";
export type {
  ComparedFigures,
  Figures,
  Interval,
  SummaryFigures,
  TaskManifest,
  ViewSummary,
} from "./tasks/manifest.js";
export type { TrainedTask } from "./tasks/pack.js";
export { parseManifest } from "./tasks/parse-manifest.js";
export { Predictor } from "./tasks/predictor.js";
export { readHead } from "./tasks/read-head.js";
export {
  parseExamples,
  parseRecord,
  type RecordedExample,
  type TaskRecord,
} from "./tasks/record.js";
export { requireBaseOf, requireRecordOf } from "./tasks/requirements.js";
export { EXAMPLES_FILE, HEAD_FILE, RECORD_FILES, VOCABULARY_FILE } from "./tasks/task-files.js";
export { type Prediction, TaskHead, type TaskParts } from "./tasks/task-head.js";
export {
  type AskedReader,
  Trunk,
  type TrunkAnswers,
  type TrunkNeeds,
  trunkKey,
} from "./tasks/trunk.js";
export type { TrunkReader } from "./tasks/trunk-reader.js";
export { parseVocabulary } from "./tasks/vocabulary.js";
