/** What only the packages of Engraft use of the engine: no API, it changes without notice. */

export { baseSpecSchema } from "./bases/spec.js";
export { canonicalJson } from "./canonical-json.js";
export { compareCodePoints } from "./code-points.js";
export { crc32c } from "./codec/crc32c.js";
export { decodeSafetensors, encodeSafetensors } from "./codec/safetensors.js";
export { createQueue, forEachConcurrent, type Queue } from "./concurrency.js";
export { digestOfInput } from "./dataset/digest.js";
export { lookAlikesOf } from "./dataset/look-alikes.js";
export { type ErrorClass, errorClasses } from "./error-classes.js";
export type { BackTest, ForecastPoint } from "./evaluate/curve/learning-curve.js";
export {
  examplesForGain,
  forecastGain,
  forecastLearning,
  type GainForecast,
  type LearningCurve,
  type SizeMeasurement,
} from "./evaluate/curve/learning-curve.js";
export type { MeasuredError, PowerLaw } from "./evaluate/curve/power-law.js";
export {
  describeSplits,
  type EvaluationPlan,
  evaluationPlan,
  numberOfFolds,
  type Split,
  splitsAt,
  stratifiedGroupFolds,
} from "./evaluate/folds/folds.js";
export { stratifiedOrder } from "./evaluate/folds/stratified-order.js";
export {
  centredUnitRows,
  findCopies,
  groupNearDuplicates,
  nearDuplicateThresholds,
} from "./evaluate/groups/duplicates.js";
export { rowsByGroup } from "./evaluate/groups/groups.js";
export { normalizedText } from "./evaluate/groups/normalized-text.js";
export {
  disagreementOfNeighbours,
  findLabelErrors,
  type LabelError,
} from "./evaluate/labels/label-errors.js";
export type { Abstaining } from "./evaluate/metrics/abstain.js";
export { majorityLogProbabilities } from "./evaluate/metrics/baselines.js";
export { type Calibration, measureCalibration } from "./evaluate/metrics/calibration.js";
export { measureWithIntervals } from "./evaluate/metrics/intervals.js";
export { meanPrediction } from "./evaluate/metrics/mean-prediction.js";
export type { RowPredictions } from "./evaluate/metrics/metrics.js";
export { comparePaired, type PairedComparison } from "./evaluate/metrics/paired.js";
export { chunk } from "./features/batches.js";
export { type FeatureCache, type OpenFeatureCache, openMemoryCache } from "./features/cache.js";
export type { Pooling } from "./features/columns.js";
export {
  allColumns,
  COLOR_HISTOGRAM,
  columnKey,
  TEXT_LENGTH,
  totalWidth,
} from "./features/columns.js";
export { type ExtractOptions, extractFeatures } from "./features/extract.js";
export { FEATURES_OUTPUT, featureGraph } from "./features/graph.js";
export { stackPixels } from "./features/image-pass.js";
export { gather, type LabelledFeatures, type LabelNames } from "./features/labelled-features.js";
export { createTable, type FeatureTable, selectFeatures } from "./features/table.js";
export { textFeeds } from "./features/text-pass.js";
export { textLengthsOf, truncationOfTable } from "./features/truncation.js";
export {
  FINE_TUNE_RECIPES,
  type FineTuneConfig,
  type FineTuneRecipe,
  fineTuneConfig,
  parseFineTune,
  type TrainableSet,
} from "./finetune/config.js";
export { tuneBase } from "./finetune/tune.js";
export { applyAdapter } from "./finetune/tuned-base.js";
export { findNeighbours } from "./heads/distance/nearest-neighbours.js";
export { type GraphPart, meanCosineRows } from "./heads/distance/neighbour-graph.js";
export type { LinearModel } from "./heads/logistic/linear-model.js";
export { areBetterThanChance } from "./heads/names/names.js";
export {
  HEAD,
  linearModelsOf,
  stackedHeadModel,
  thoseWithWeight,
  usedViews,
} from "./heads/onnx/head-graph.js";
export { combineLogProbabilities, fitStack } from "./heads/stack/stack.js";
export {
  type FitHeadOptions,
  type FittedView,
  type FittedViews,
  fitViews,
  poolViews,
  predictHeldOut,
  predictViews,
  refitViews,
  type StackedHead,
  stackViews,
  type ViewSettings,
} from "./heads/stack/stacked-head.js";
export { GRAPH_VIEW, keptCount } from "./heads/unlabelled/kept-graph.js";
export { learnFromNames, learnFromUnlabelled } from "./heads/unlabelled/learn.js";
export { readUnlabelled, taughtCount, type Unlabelled } from "./heads/unlabelled/unlabelled.js";
export type { Classifier, ClassifierSettings } from "./heads/views/classifier.js";
export { embeddingColumns, embeddingsOf } from "./heads/views/embeddings.js";
export { labelNames } from "./heads/views/label-names.js";
export {
  baselineRecipe,
  columnsOf,
  type LayerView,
  lastLayerRecipe,
  leftOutViews,
  NAMES_VIEW,
  namesRecipe,
  type ViewRecipe,
  viewRecipes,
  WORDS_VIEW,
} from "./heads/views/views.js";
export {
  LONGEST_RUN,
  MOST_SEGMENTED,
  type Tokenization,
  UNSPACED_RANGES,
} from "./heads/words/terms.js";
export { fitTfidf, type TfidfModel, transformTfidf } from "./heads/words/tfidf.js";
export * from "./images.js";
export { chooseTypical, type TypicalRow } from "./labelling/typical-rows.js";
export { chooseToLabel, marginUncertainty } from "./labelling/uncertain-rows.js";
export {
  type Matrix64,
  rowRange,
  selectRows,
  spacedRowNumbers,
  stackRows,
  toDouble,
  zeros32,
  zeros64,
} from "./math/matrix.js";
export { plainLinearAlgebra } from "./math/plain-linear-algebra.js";
export { labelSmoothing, logSoftmaxRows, meanLogLoss } from "./math/softmax.js";
export { dot } from "./math/vector.js";
export { openBatch } from "./model/graph/open-batch.js";
export { describeLeftOut } from "./model/summary.js";
export { patternOf } from "./model/weights/patterns.js";
export { monotonicTime } from "./monotonic-time.js";
export { shareOfUnlike } from "./outliers/unlike.js";
export * from "./predict.js";
export { imagePreprocessedSize } from "./preprocess/image/chain.js";
export { createTextTokenizer, padBatch } from "./preprocess/text/text.js";
export { smallestModel } from "./runtime/smallest-model.js";
export { widenRows } from "./runtime/widen-rows.js";
export { metricsLine } from "./train/logs/metrics-log.js";
export { tensorBoardHeader, tensorBoardRecords } from "./train/logs/tensorboard.js";
export { type FitPlatform, initialState, stepSettings } from "./train/loop/open-step.js";
export { checkpointRun } from "./train/model/fit-model.js";
export { stepSourceOf } from "./train/model/step-source.js";
export { compileStep } from "./train/step/compile-step.js";
