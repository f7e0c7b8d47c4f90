import type { BaseModel, BaseSpec, Dataset, Platform } from "@engraft/core";
import {
  allColumns,
  extractFeatures,
  type LayerView,
  monotonicTime,
  openMemoryCache,
  viewRecipes,
} from "@engraft/core/internal";
import type { SummaryMetrics } from "../format/manifest/manifest.js";
import { columnsRead, type PassOptions } from "../train/data/extract-dataset.js";
import { prepareTraining } from "../train/data/prepare-training.js";
import { crossValidate } from "../train/measure/cross-validate.js";
import { summaryOf } from "../train/measure/metrics.js";

/** How well a base suits a data set. */
export interface RankedBase {
  readonly base: string;
  /** The stack of views, which is what `train` would keep. */
  readonly stack: SummaryMetrics;
  /** A probe on each layer alone, in the order of the base. */
  readonly layers: readonly { readonly name: string; readonly metrics: SummaryMetrics }[];
  /** Time to read all layers of one example, by all threads together. */
  readonly millisecondsPerExample: number;
}

/** Examples that are timed: enough to fill the threads several times. */
const TIMED_EXAMPLES = 64;

/**
 * Measures a base on a data set as training would: by nested cross-validation, the stack and every
 * layer alone, on the same folds for every base.
 *
 * @throws DataError when examples cannot be decoded, or too few are left.
 */
export async function rankBase(
  base: BaseModel,
  dataset: Dataset,
  seed: number,
  platform: Platform,
  options: PassOptions,
): Promise<RankedBase> {
  const { spec } = base;
  const { train } = dataset.splits;
  const onlyTrain = { ...dataset, splits: { train }, unlabelled: undefined };
  const millisecondsPerExample = await timePass(base, onlyTrain, platform, options);
  const { data, examples, plan, random } = await prepareTraining(
    base,
    onlyTrain,
    seed,
    undefined,
    platform,
    options,
  );
  const layers = layerViews(spec);
  const candidates = { recipes: viewRecipes(spec, "auto"), baselines: layers };
  const { head, baselines } = await crossValidate(examples, plan.splits, candidates, {
    linearAlgebra: platform.linearAlgebra,
    random,
    classWeights: "none",
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const { targets, groups } = examples;
  const truth = { targets, groups, labels: data.labels };
  return {
    base: spec.id,
    stack: summaryOf(head, truth),
    layers: layers.map(({ name }) => ({ name, metrics: summaryOf(baselines.get(name)!, truth) })),
    millisecondsPerExample,
  };
}

/** Every layer alone, its mean over tokens or positions divided by its length. */
export function layerViews(spec: BaseSpec): LayerView[] {
  return allColumns(spec)
    .filter(({ pooling }) => pooling !== "max")
    .map((column) => ({
      kind: "layers",
      name: column.tap,
      columns: [column],
      normalize: "length",
      classifier: "logistic",
    }));
}

/** A pass over some examples without the cache, the second time so that loading does not count. */
async function timePass(
  base: BaseModel,
  { splits }: Dataset,
  platform: Platform,
  { signal }: PassOptions,
): Promise<number> {
  const inputs = splits.train.slice(0, TIMED_EXAMPLES).map(({ input }) => input);
  const options = { openCache: openMemoryCache, signal };
  const columns = columnsRead(base.spec);
  await extractFeatures(base, columns, inputs, platform, options);
  const started = monotonicTime();
  await extractFeatures(base, columns, inputs, platform, options);
  return (monotonicTime() - started) / inputs.length;
}
