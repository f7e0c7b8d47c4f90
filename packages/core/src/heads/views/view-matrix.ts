import type { LabelledFeatures } from "../../features/labelled-features.js";
import { selectFeatures } from "../../features/table.js";
import { type Matrix32, rowOf } from "../../math/matrix.js";
import type { Csr } from "../../math/sparse.js";
import { toUnitLength } from "../../math/vector.js";
import type { LinearModel } from "../logistic/linear-model.js";
import { fitTfidf, type TfidfModel, transformTfidf } from "../words/tfidf.js";
import type { LayerView, ViewRecipe } from "./views.js";

/** What a view learned from its training rows, and those rows seen through it. */
export interface PreparedView {
  readonly features: Matrix32 | Csr;
  /** Words known to the view, for the view on words. */
  readonly tfidf: TfidfModel | undefined;
  /** Rewrites a model of `features` into one of the features that {@link viewFeatures} gives. */
  readonly toPlain: (model: LinearModel) => LinearModel;
  /**
   * The inverse, for a model that was fitted to other rows: what it says of features that these rows
   * do not have is left out.
   *
   * @param tfidf - Words that the model reads, on a view on words.
   */
  readonly fromPlain: (model: LinearModel, tfidf: TfidfModel | undefined) => LinearModel;
}

/** Learns a view from some rows. Statistics and vocabulary come from these rows alone. */
export function prepareView(
  recipe: ViewRecipe,
  data: Pick<LabelledFeatures, "table" | "texts">,
  rows: Int32Array,
): PreparedView {
  if (recipe.kind === "words") {
    const texts = textsOf(data, rows);
    const tfidf = fitTfidf(texts);
    return {
      features: transformTfidf(tfidf, texts),
      tfidf,
      toPlain: (model) => model,
      fromPlain: (model, words) => readOtherWords(model, words!, tfidf),
    };
  }
  const features = layerFeatures(recipe, data, rows);
  if (recipe.normalize === "length") {
    return { features, tfidf: undefined, toPlain: same, fromPlain: same };
  }
  const { mean, scale } = standardize(
    features,
    recipe.columns.map(({ width }) => width),
  );
  return {
    features,
    tfidf: undefined,
    toPlain: (model) => foldStandardization(model, mean, scale),
    fromPlain: (model) => unfoldStandardization(model, mean, scale),
  };
}

const same = (model: LinearModel): LinearModel => model;

/** Sees rows through a view that was learned before: the input of its plain model. */
export function viewFeatures(
  recipe: ViewRecipe,
  tfidf: TfidfModel | undefined,
  data: Pick<LabelledFeatures, "table" | "texts">,
  rows: Int32Array,
): Matrix32 | Csr {
  if (recipe.kind === "layers") return layerFeatures(recipe, data, rows);
  if (tfidf === undefined) throw new Error("internal: a view on words without a vocabulary");
  return transformTfidf(tfidf, textsOf(data, rows));
}

function layerFeatures(
  { columns, normalize }: LayerView,
  { table }: Pick<LabelledFeatures, "table">,
  rows: Int32Array,
): Matrix32 {
  const features = selectFeatures(table, columns, rows);
  if (normalize === "length") normalizeLength(features);
  return features;
}

function textsOf({ texts }: Pick<LabelledFeatures, "texts">, rows: Int32Array): string[] {
  if (texts === undefined) throw new Error("internal: a view on words of examples without texts");
  return Array.from(rows, (row) => texts[row]!);
}

/** Brings every row to unit length, in place. */
export function normalizeLength(matrix: Matrix32): void {
  for (let row = 0; row < matrix.rows; row++) toUnitLength(rowOf(matrix, row));
}

/**
 * Rows that the prior on a feature's variance counts as. A feature that hardly varies in a few
 * training rows may vary a lot later; without the prior it would then drown all others.
 */
const PRIOR_ROWS = 5;

/**
 * Brings every feature to mean 0 and about variance 1, in place. Each variance is drawn to the mean
 * variance of its layer, the more the fewer rows there are.
 *
 * @param layers - Width of each layer's run of columns.
 */
function standardize(
  { rows, cols, data }: Matrix32,
  layers: readonly number[],
): { mean: Float64Array; scale: Float64Array } {
  const mean = new Float64Array(cols);
  const variance = new Float64Array(cols);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++) mean[col]! += data[at]! / rows;
  }
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++)
      variance[col]! += (data[at]! - mean[col]!) ** 2 / rows;
  }
  const scale = scalesOf(variance, rows, layers);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at++) data[at] = (data[at]! - mean[col]!) * scale[col]!;
  }
  return { mean, scale };
}

/**
 * 1 / deviation of each feature under the prior; layers that do not vary at all become 0.
 *
 * @param layers - Width of each layer's run of columns.
 */
export function scalesOf(
  variance: Float64Array,
  rows: number,
  layers: readonly number[],
): Float64Array {
  const scale = new Float64Array(variance.length);
  let start = 0;
  for (const width of layers) {
    const layer = variance.subarray(start, start + width);
    const typical = layer.reduce((sum, value) => sum + value, 0) / width;
    for (const [index, value] of layer.entries()) {
      const expected = (rows * value + PRIOR_ROWS * typical) / (rows + PRIOR_ROWS);
      scale[start + index] = expected > 0 ? 1 / Math.sqrt(expected) : 0;
    }
    start += width;
  }
  return scale;
}

/** w·((x - mean) * scale) + b = (w * scale)·x + (b - (w * scale)·mean) */
function foldStandardization(
  { weights, bias }: LinearModel,
  mean: Float64Array,
  scale: Float64Array,
): LinearModel {
  const width = mean.length;
  const plain = { weights: weights.slice(), bias: bias.slice() };
  for (let at = 0; at < weights.length; at++) {
    const col = at % width;
    plain.weights[at]! *= scale[col]!;
    plain.bias[Math.floor(at / width)]! -= plain.weights[at]! * mean[col]!;
  }
  return plain;
}

/** w·x + b = (w / scale)·((x - mean) * scale) + (b + w·mean); features that do not vary have no weight. */
function unfoldStandardization(
  { weights, bias }: LinearModel,
  mean: Float64Array,
  scale: Float64Array,
): LinearModel {
  const width = mean.length;
  const standard = { weights: weights.slice(), bias: bias.slice() };
  for (let at = 0; at < weights.length; at++) {
    const col = at % width;
    standard.weights[at] = scale[col]! > 0 ? weights[at]! / scale[col]! : 0;
    standard.bias[Math.floor(at / width)]! += weights[at]! * mean[col]!;
  }
  return standard;
}

/** The weights of the words that both know, in the order of the other vocabulary. */
function readOtherWords(
  { weights, bias }: LinearModel,
  from: TfidfModel,
  to: TfidfModel,
): LinearModel {
  const [before, after] = [from.idf.length, to.idf.length];
  const moved = new Float64Array(bias.length * after);
  for (const [term, column] of to.terms) {
    const known = from.terms.get(term);
    if (known === undefined) continue;
    for (let row = 0; row < bias.length; row++) {
      moved[row * after + column] = weights[row * before + known]!;
    }
  }
  return { weights: moved, bias };
}
