import type { BaseSpec } from "../../bases/spec.js";
import {
  allColumns,
  COLOR_HISTOGRAM,
  columnKey,
  type FeatureColumn,
} from "../../features/columns.js";
import type { ClassifierKind, ViewChoice } from "../choices.js";

/**
 * A view is one way of looking at the examples: a choice of layers and a normalisation, or the words
 * themselves. Each gets its own probe. Which view is best differs from task to task, so several are
 * fitted and stacked.
 */
export type ViewRecipe = LayerView | WordView;

/** Pooled layers of the base, joined. */
export interface LayerView {
  readonly kind: "layers";
  /** Stable name, shown to users and kept in tasks. */
  readonly name: string;
  readonly columns: readonly FeatureColumn[];
  /**
   * `length`: every example's vector is divided by its Euclidean length (embeddings of models
   * trained on cosine similarity). `standard`: every feature is brought to mean 0 and variance 1
   * over the training examples (layers of different scales side by side).
   */
  readonly normalize: "length" | "standard";
  readonly classifier: ViewClassifier;
  /** What the view counts in a stack before any label is seen, beside the others. Default 1. */
  readonly share?: number | undefined;
}

/**
 * How a view of layers classifies: by a chosen kind, by how near the names of the labels are, or by a
 * graph over unlabelled rows.
 */
export type ViewClassifier = ClassifierKind | "names" | "graph";

/** TF-IDF of the words; needs no base at all. */
export interface WordView {
  readonly kind: "words";
  readonly name: string;
  readonly share?: number | undefined;
}

/** The name of the view on the last layer, which every base has. */
export const LAST_VIEW = "last";

/** The name of the view on the standardised last layer of an image base. */
export const LAST_STANDARD_VIEW = "last-standard";

/** The name of the view on the words. */
export const WORDS_VIEW = "words";

/** The name of the view on the names of the labels. */
export const NAMES_VIEW = "names";

/** What it counts in a stack before any label is seen; chosen on open data. */
const NAMES_SHARE = 2;

/** The part of the depth, from the first tap to the last, at which the middle layer is read. */
const MIDDLE_DEPTH = 0.6;

/**
 * The views that a choice stands for on a given base. Classifiers by distance look at the last layer
 * alone: it is the one that models are trained to compare. A base of few taps has fewer views: those
 * without a column, and those that would repeat another one, are left out; see {@link leftOutViews}.
 */
export function viewRecipes(
  spec: BaseSpec,
  choice: ViewChoice,
  classifier: ClassifierKind = "logistic",
): ViewRecipe[] {
  const last = lastLayerRecipe(spec);
  if (classifier !== "logistic") return [{ ...last, name: classifier, classifier }];
  if (choice === "last") return [last];
  const candidates = stackedViews(spec, last);
  const shares = new Map(Object.entries(spec.viewShares ?? {}));
  return candidates
    .filter((view, place) => isItsOwn(view, candidates.slice(0, place)))
    .map((view) => (shares.has(view.name) ? { ...view, share: shares.get(view.name) } : view));
}

/** Names of the views that other bases have and this one, of too few taps, has not. */
export function leftOutViews(spec: BaseSpec, choice: ViewChoice): string[] {
  if (choice === "last") return [];
  const kept = new Set(viewRecipes(spec, choice).map(({ name }) => name));
  return stackedViews(spec, lastLayerRecipe(spec)).flatMap(({ name }) =>
    kept.has(name) ? [] : [name],
  );
}

/** All views that are stacked on a base of many taps. */
function stackedViews(spec: BaseSpec, last: LayerView): ViewRecipe[] {
  const columns = allColumns(spec);
  const means = columns.filter(({ pooling }) => pooling !== "max");
  const middle = means.slice(Math.round(MIDDLE_DEPTH * (means.length - 1))).slice(0, 1);
  if (spec.modality === "text") {
    return [
      last,
      layers("middle", middle, "length"),
      layers("layers-mean", means, "standard"),
      layers("layers-mean-max", columns, "standard"),
      { kind: "words", name: WORDS_VIEW },
    ];
  }
  const blocks = means.slice(0, -1);
  return [
    last,
    layers(LAST_STANDARD_VIEW, means.slice(-1), "standard"),
    layers("blocks", blocks, "standard"),
    layers("block-late", blocks.slice(-1), "standard"),
    layers("block-middle", middle, "standard"),
  ];
}

/** Whether a view reads something, and not just what an earlier one reads in the same way. */
function isItsOwn(view: ViewRecipe, earlier: readonly ViewRecipe[]): boolean {
  if (view.kind === "words") return true;
  return view.columns.length > 0 && !earlier.some((other) => readsTheSame(view, other));
}

function readsTheSame(a: LayerView, b: ViewRecipe): boolean {
  if (b.kind === "words" || a.normalize !== b.normalize) return false;
  const [left, right] = [a, b].map(({ columns }) => columns.map(columnKey));
  return left!.length === right!.length && left!.every((key, place) => key === right![place]);
}

/** The last layer alone: the classic linear probe. */
export function lastLayerRecipe(spec: BaseSpec): LayerView {
  const means = allColumns(spec).filter(({ pooling }) => pooling !== "max");
  return layers(LAST_VIEW, means.slice(-1), "length");
}

/** The view that compares the last layer of an example with that of the names of the labels. */
export function namesRecipe(spec: BaseSpec): LayerView {
  return {
    ...lastLayerRecipe(spec),
    name: NAMES_VIEW,
    classifier: "names",
    share: NAMES_SHARE,
  };
}

/**
 * The view that needs no pretrained layers, as a yardstick: words for texts, colours for images.
 */
export function baselineRecipe(spec: BaseSpec): ViewRecipe {
  return spec.modality === "text"
    ? { kind: "words", name: WORDS_VIEW }
    : layers("colours", [COLOR_HISTOGRAM], "standard");
}

/** Every column of a base that some views read, each once, in the order of the base. */
export function columnsOf(spec: BaseSpec, recipes: readonly ViewRecipe[]): FeatureColumn[] {
  const read = new Set(
    recipes.flatMap((recipe) => (recipe.kind === "layers" ? recipe.columns.map(columnKey) : [])),
  );
  return allColumns(spec).filter((column) => read.has(columnKey(column)));
}

function layers(
  name: string,
  columns: readonly FeatureColumn[],
  normalize: LayerView["normalize"],
): LayerView {
  return { kind: "layers", name, columns, normalize, classifier: "logistic" };
}
