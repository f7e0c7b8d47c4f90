import type { BaseModel, Input, OnTrainingEvent, Platform } from "@engraft/core";
import type {
  FeatureColumn,
  FineTuneConfig,
  FitPlatform,
  LinearModel,
} from "@engraft/core/internal";
import {
  applyAdapter,
  columnsOf,
  createTable,
  encodeSafetensors,
  extractFeatures,
  type FeatureTable,
  type FitHeadOptions,
  type FittedView,
  fitViews,
  gather,
  type LabelledFeatures,
  lastLayerRecipe,
  openMemoryCache,
  predictViews,
  refitViews,
  tuneBase,
  type ViewRecipe,
} from "@engraft/core/internal";
import type { HeldOutViews } from "../measure/held-out-stack.js";

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

/** A base that was tuned on some rows, and probes that were fitted to them. */
export interface TunedViews {
  /** The weights of the base that changed. */
  readonly adapterFile: Uint8Array;
  readonly views: readonly FittedView[];
  /** What the probes say about each of the other parts. */
  readonly heldOut: readonly HeldOutViews[];
}

/**
 * The views of a tuned base: `classify` trains a head of its own on the last layer, and `contrast` fits
 * the views of the frozen head anew.
 */
export function tunedRecipes({ base, recipes, config }: TuneContext): readonly ViewRecipe[] {
  return config.recipe === "classify" ? [lastLayerRecipe(base.spec)] : recipes;
}

/**
 * Tunes the base on some rows, fits the views to them, and predicts other rows with each view.
 *
 * Probes of tuned layers are regularised as those of the frozen layers: held-out parts of rows that
 * the base was tuned on would say that hardly any regularisation is needed.
 */
export async function tuneAndPredict(
  context: TuneContext,
  train: Int32Array,
  others: readonly Int32Array[],
): Promise<TunedViews> {
  const { base, examples, inputs, config, platform, fitting, seed } = context;
  const isClassifier = config.recipe === "classify";
  const last = lastLayerRecipe(base.spec);
  const recipes = isClassifier ? [last] : context.recipes;
  const frozen = (await fitViews(examples, train, recipes, fitting)).views;
  const tuned = await tuneBase(
    base,
    { inputs: Array.from(train, (row) => inputs[row]!), targets: gather(examples.targets, train) },
    isClassifier ? linearOf(frozen[0]!) : undefined,
    config,
    platform,
    { seed, signal: fitting.signal, onEvent: context.onTrainingEvent },
  );
  const adapterFile = encodeSafetensors(tuned.adapter);
  const digest = await platform.sha256(adapterFile);
  const tunedBase = await applyAdapter(base, tuned.adapter, digest, platform);
  const rows = tuned.head === undefined ? [train, ...others] : others;
  const table = await readRows(tunedBase, recipes, context, rows);
  const features: LabelledFeatures = { ...examples, table };
  const views =
    tuned.head === undefined
      ? await refitViews(features, train, frozen, fitting)
      : [withLinear(frozen[0]!, tuned.head)];
  const heldOut: HeldOutViews[] = [];
  for (const chosen of others) {
    const perView = await predictViews(views, features, chosen, fitting.linearAlgebra);
    heldOut.push({ rows: chosen, perView });
  }
  return { adapterFile, views, heldOut };
}

function linearOf({ classifier }: FittedView): LinearModel {
  if (classifier.kind === "logistic") return classifier.linear;
  throw new Error("internal: a probe is logistic");
}

function withLinear(view: FittedView, linear: LinearModel): FittedView {
  return { ...view, classifier: { ...view.classifier, linear } as FittedView["classifier"] };
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
  const signal: AbortSignal | undefined = fitting.signal;
  const read = await extractFeatures(base, columns, chosen, platform, {
    openCache: openMemoryCache,
    signal,
  });
  const table = createTable(columns, inputs.length);
  const { cols, data } = read.table.matrix;
  rows.forEach((row, index) => {
    table.matrix.data.set(data.subarray(index * cols, (index + 1) * cols), row * cols);
  });
  return table;
}
