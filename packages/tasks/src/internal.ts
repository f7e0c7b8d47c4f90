/** What only the packages of Engraft use of the product: no API, it changes without notice. */
export { DEFAULT_SUGGESTIONS } from "./actions/suggest.js";
export { bindModel } from "./bases/bind.js";
export { parseTokenizer, readPreprocessing } from "./bases/preprocessing.js";
export { compareTasks } from "./evaluate/compare-tasks.js";
export { type EvaluateOptions, evaluateTask } from "./evaluate/evaluate.js";
export { type TrainingSet, trainingSetOf } from "./evaluate/trained-on.js";
export { type ExportSettings, type PackedExport, packExport } from "./export/export.js";
export { agreementOf } from "./export/export-agreement.js";
export { EXPORT_FILES } from "./export/export-description.js";
export { type ExtendedTask, type ExtendTaskOptions, extendTask } from "./extend/extend.js";
export { type RestoredFeatures, restoreFeatures } from "./extend/restore-features.js";
export { trainConfigSchema } from "./format/manifest/config.js";
export type { MeasuredManifest } from "./format/manifest/manifest.js";
export {
  type Inspection,
  type InspectOptions,
  inspectBase,
  inspectModel,
  inspectTask,
} from "./inspect.js";
export { describeLabelError, judgeLabels } from "./label/label-errors.js";
export { adviseNext } from "./label/next-batch.js";
export { reviewLabels } from "./label/relabel.js";
export { replayBase } from "./page/base-recorder.js";
export { decodeBase64 } from "./page/base64.js";
export { openPageContent, type PageContent } from "./page/page-archive.js";
export { CONTENT_ID } from "./page/page-html.js";
export { OutlierDetector } from "./predict/outlier-detector.js";
export {
  type AskedReader,
  type BackbonePredictions,
  backboneKey,
} from "./predict/shared-backbone.js";
export { TaskHead } from "./predict/task-head.js";
export * from "./predict.js";
export { rankBase } from "./study/rank.js";
export { studyTask } from "./study/study.js";
export { type TrainTaskOptions, trainTask } from "./train/train.js";
