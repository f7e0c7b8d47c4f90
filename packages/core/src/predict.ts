/**
 * Entry for programs that predict: it loads nothing of what trains, which would take longer than a
 * prediction.
 */
export type { BaseModel, ReadBaseFile } from "./bases/base.js";
export { openBase, parseBaseSpec, referenceOf, withPreprocessing } from "./bases/base.js";
export type { BaseSpec, Tap } from "./bases/spec.js";
export { canonicalJson } from "./canonical-json.js";
export { compareCodePoints } from "./code-points.js";
export { decodeSafetensors, encodeSafetensors } from "./codec/safetensors.js";
export { forEachConcurrent, mapInOrder } from "./concurrency.js";
export { classesOf, targetsOf } from "./dataset/classes.js";
export { type Input, MODALITIES, type Modality } from "./dataset/dataset.js";
export {
  type CountedLabel,
  codePointsOf,
  countLabels,
  type LookAlikeLabels,
  lookAlikeLabels,
  spellOut,
} from "./dataset/look-alikes.js";
export { measuredSplit } from "./dataset/measured-split.js";
export { type Split, stratifiedGroupFolds } from "./evaluate/folds/folds.js";
export { rowsByGroup } from "./evaluate/groups/groups.js";
export { riskCoverage, thresholdForError } from "./evaluate/metrics/abstain.js";
export { conformalLimit, conformalScores } from "./evaluate/metrics/conformal.js";
export type { Interval } from "./evaluate/metrics/intervals.js";
export type { RowPredictions } from "./evaluate/metrics/metrics.js";
export {
  allColumns,
  columnKey,
  type FeatureColumn,
  POOLINGS,
  TEXT_LENGTH,
  totalWidth,
} from "./features/columns.js";
export { createExtractor, type FeatureExtractor } from "./features/extractor.js";
export { FEATURES_OUTPUT, featureModelAbove, wholeOutputs } from "./features/graph.js";
export { gather } from "./features/labelled-features.js";
export { batchesInFlight, type RunBatch } from "./features/pass.js";
export { createTable, type FeatureTable, joinTables, selectFeatures } from "./features/table.js";
export {
  isTruncated,
  type Truncation,
  TruncationCounter,
  textLengthsOf,
} from "./features/truncation.js";
export {
  type FineTuneConfig,
  type FineTuneInput,
  type FineTuneSettings,
  fineTuneConfigSchema,
  fineTuneSchema,
} from "./finetune/config.js";
export { type SplitBase, splitBase } from "./finetune/shared-prefix.js";
export { ADAPTER_FILE, baseOfTask } from "./finetune/tuned-base.js";
export {
  CLASS_WEIGHTS,
  CLASSIFIER_KINDS,
  type ClassifierKind,
  type ClassWeights,
  VIEW_CHOICES,
  type ViewChoice,
} from "./heads/choices.js";
export type { LinearModel } from "./heads/logistic/linear-model.js";
export { HEAD } from "./heads/onnx/head-graph.js";
export { type HeadShape, headShapes } from "./heads/onnx/head-shapes.js";
export { embeddingColumns } from "./heads/views/embeddings.js";
export { normalizeLength } from "./heads/views/view-matrix.js";
export { type Tokenization, termsOf } from "./heads/words/terms.js";
export { type TfidfModel, weighTerms } from "./heads/words/tfidf.js";
export { type LinearAlgebra, type Matrix32, type Matrix64, rowOf } from "./math/matrix.js";
export { plainLinearAlgebra } from "./math/plain-linear-algebra.js";
export type { Csr } from "./math/sparse.js";
export { indexOfLargest } from "./math/vector.js";
export { namedValues } from "./named-values.js";
export {
  fitOutliers,
  type OutlierModel,
  type OutlierScore,
  scoreOutliers,
} from "./outliers/outliers.js";
export { parseJson, parseOr, placeOf } from "./parse.js";
export type { Platform } from "./platform.js";
export { type Preprocessing, preprocessingSchema } from "./preprocess/spec.js";
export type { TextLength } from "./preprocess/text/text.js";
export { createRandom, type Random } from "./random/random.js";
export type { Session, SessionOptions } from "./runtime/runtime.js";
export { sessionModel } from "./runtime/session-model.js";
