import type { BaseModel } from "../bases/base.js";
import type { Input } from "../dataset/dataset.js";
import type { Prediction } from "../evaluate/metrics.js";
import { openMemoryCache } from "../features/cache.js";
import type { FeatureColumn } from "../features/columns.js";
import { extractFeatures } from "../features/extract.js";
import { createTable, type FeatureTable } from "../features/table.js";
import type { FineTuneConfig } from "../finetune/config.js";
import { tuneBase } from "../finetune/tune.js";
import { type Adapter, applyAdapter } from "../finetune/tuned-base.js";
import { gather, type LabelledFeatures } from "../heads/examples.js";
import {
  type FitHeadOptions,
  fitViews,
  poolViews,
  predictViews,
  type StackedHead,
  stackViews,
} from "../heads/stacked-head.js";
import { columnsOf, lastLayerRecipe, type ViewRecipe } from "../heads/views.js";
import { encodeSafetensors } from "../model/safetensors.js";
import type { Abort, Platform } from "../platform.js";
import type { OnTrainingEvent } from "../train/events.js";
import type { FitPlatform } from "../train/fit.js";

/** What a fine-tuning starts from: a frozen base, its features of all examples, and the examples. */
export interface TuneContext {
  readonly base: BaseModel;
  readonly examples: LabelledFeatures;
  readonly inputs: readonly Input[];
  /** Views of the frozen head, which `contrast` fits anew to the tuned layers. */
  readonly recipes: readonly ViewRecipe[];
  readonly config: FineTuneConfig;
  readonly platform: Platform & FitPlatform;
  readonly fitting: FitHeadOptions;
  readonly seed: number;
  readonly onTrainingEvent?: OnTrainingEvent | undefined;
}

/** A tuned base and the head on it. */
export interface TunedTask {
  readonly base: BaseModel;
  readonly adapter: Adapter;
  readonly adapterFile: Uint8Array;
  readonly head: StackedHead;
}

/** Tunes the base on some rows, fits the head, and predicts other rows. */
export async function tuneAndPredict(
  context: TuneContext,
  train: Int32Array,
  others: readonly Int32Array[],
): Promise<{ task: TunedTask; predictions: Prediction[] }> {
  const { base, examples, inputs, config, platform, fitting, seed } = context;
  const last = lastLayerRecipe(base.spec);
  const probe = (await fitViews(examples, train, [last], fitting)).views[0]!;
  if (probe.classifier.kind !== "logistic") throw new Error("internal: a probe is logistic");
  const tuned = await tuneBase(
    base,
    { inputs: Array.from(train, (row) => inputs[row]!), targets: gather(examples.targets, train) },
    probe.classifier.linear,
    config,
    platform,
    { seed, abort: fitting.abort, onEvent: context.onTrainingEvent },
  );
  const adapterFile = encodeSafetensors(tuned.adapter);
  const digest = await platform.sha256(adapterFile);
  const tunedBase = await applyAdapter(base, tuned.adapter, digest, platform);
  const recipes = tuned.head === undefined ? context.recipes : [last];
  const rows = tuned.head === undefined ? [train, ...others] : others;
  const table = await readRows(tunedBase, recipes, context, rows);
  const features: LabelledFeatures = { ...examples, table };
  const head: StackedHead =
    tuned.head === undefined
      ? stackViews(await fitViews(features, train, recipes, fitting), namesOf(recipes))
      : {
          views: [{ ...probe, classifier: { ...probe.classifier, linear: tuned.head } }],
          weights: [1],
        };
  const predictions: Prediction[] = [];
  for (const chosen of others) {
    const perView = await predictViews(head.views, features, chosen, fitting.linearAlgebra);
    predictions.push({ rows: chosen, logProbabilities: poolViews(head, perView) });
  }
  return { task: { base: tunedBase, adapter: tuned.adapter, adapterFile, head }, predictions };
}

/** The tuned layers of some rows, in a table with a place for every row. */
async function readRows(
  base: BaseModel,
  recipes: readonly ViewRecipe[],
  { inputs, platform, fitting }: TuneContext,
  parts: readonly Int32Array[],
): Promise<FeatureTable> {
  const columns: FeatureColumn[] = columnsOf(base.spec, recipes);
  const rows = parts.flatMap((part) => [...part]);
  const chosen = rows.map((row) => inputs[row]!);
  const abort: Abort | undefined = fitting.abort;
  const read = await extractFeatures(base, columns, chosen, platform, {
    openCache: openMemoryCache,
    abort,
  });
  const table = createTable(columns, inputs.length);
  const { cols, data } = read.table.matrix;
  rows.forEach((row, index) => {
    table.matrix.data.set(data.subarray(index * cols, (index + 1) * cols), row * cols);
  });
  return table;
}

function namesOf(recipes: readonly ViewRecipe[]): Set<string> {
  return new Set(recipes.map(({ name }) => name));
}
