import { selectFeatures } from "../features/table.js";
import type { Matrix32 } from "../math/matrix.js";
import type { Csr } from "../math/sparse.js";
import type { LabelledFeatures } from "./examples.js";
import type { LinearModel } from "./linearModel.js";
import { fitTfidf, type TfidfModel, transformTfidf } from "./tfidf.js";
import type { LayerView, ViewRecipe } from "./views.js";

/** What a view learned from its training rows, and those rows seen through it. */
export interface PreparedView {
  readonly features: Matrix32 | Csr;
  /** Words known to the view, for the view on words. */
  readonly tfidf: TfidfModel | undefined;
  /** Rewrites a model of `features` into one of the features that {@link viewFeatures} gives. */
  toPlain(model: LinearModel): LinearModel;
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
    return { features: transformTfidf(tfidf, texts), tfidf, toPlain: (model) => model };
  }
  const features = layerFeatures(recipe, data, rows);
  if (recipe.normalize === "length") {
    return { features, tfidf: undefined, toPlain: (model) => model };
  }
  const { mean, scale } = standardize(features);
  return {
    features,
    tfidf: undefined,
    toPlain: (model) => foldStandardization(model, mean, scale),
  };
}

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

/** Divides every row by its Euclidean length, in place; rows of zeros stay. */
export function normalizeLength({ rows, cols, data }: Matrix32): void {
  for (let row = 0; row < rows; row++) {
    const vector = data.subarray(row * cols, (row + 1) * cols);
    let squares = 0;
    for (const value of vector) squares += value * value;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let col = 0; col < cols; col++) vector[col]! *= scale;
  }
}

/** Brings every column to mean 0 and variance 1, in place; constant columns become 0. */
function standardize({ rows, cols, data }: Matrix32): { mean: Float64Array; scale: Float64Array } {
  const mean = new Float64Array(cols);
  const scale = new Float64Array(cols);
  for (let at = 0; at < data.length; at++) mean[at % cols]! += data[at]! / rows;
  for (let at = 0; at < data.length; at++) scale[at % cols]! += (data[at]! - mean[at % cols]!) ** 2;
  for (let col = 0; col < cols; col++) {
    const deviation = Math.sqrt(scale[col]! / rows);
    scale[col] = deviation > 1e-12 ? 1 / deviation : 0;
  }
  for (let at = 0; at < data.length; at++) {
    const col = at % cols;
    data[at] = (data[at]! - mean[col]!) * scale[col]!;
  }
  return { mean, scale };
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
