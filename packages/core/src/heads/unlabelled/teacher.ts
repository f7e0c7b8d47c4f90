import { gather } from "../../features/labelled-features.js";
import { type Matrix32, type Matrix64, rowOf, zeros32, zeros64 } from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import type { Csr } from "../../math/sparse.js";
import { addScaled } from "../../math/vector.js";
import { type LinearModel, linearLogits, weightMatrix } from "../logistic/linear-model.js";
import { fitStack } from "../stack/stack.js";
import type { FittedView } from "../stack/stacked-head.js";
import { viewFeatures } from "../views/view-matrix.js";
import { type TfidfModel, weighTerms } from "../words/tfidf.js";
import { makeGraph } from "./graph.js";
import { predictByGraph, type UnlabelledPredictions } from "./graph-view.js";
import type { Training } from "./training.js";
import type { Unlabelled } from "./unlabelled.js";

/** Unlabelled rows that are predicted at a time. */
const BLOCK_ROWS = 4096;

/** What students learn of the unlabelled rows. */
export interface Lesson {
  /** The teacher's probabilities, classes x rows: of the teacher of all rows, and without each fold. */
  readonly targets: readonly Matrix32[];
  /** What each row counts, for each of them: 1 where the teacher is certain, 0 where it knows nothing. */
  readonly confidence: readonly Float64Array[];
}

/** Fits the teacher, the stack of the views and of a graph, and asks it about the unlabelled rows. */
export async function teach(training: Training): Promise<Lesson> {
  const { fitted, data, rows, unlabelled, heldOut } = training;
  const { targets, foldOf } = fitted;
  const { classes } = data;
  const held = fitted.outOfFold[0]!.rows;
  const graph = makeGraph(
    unlabelled.graph,
    rows.map((row) => unlabelled.labelledNumber.get(row)!),
  );
  const byGraph = predictByGraph(graph, { targets, classes, foldOf, heldOut, rows: held });
  const shares = fitted.views.map(({ recipe }) => recipe.share ?? 1);
  const { weights } = fitStack(
    [...fitted.outOfFold.map(({ logProbabilities }) => logProbabilities), byGraph.outOfFold],
    gather(targets, held),
    { shares: [...shares, shares.reduce((sum, share) => sum + share, 0) / 2] },
  );
  const pooled = [byGraph.all, ...byGraph.withoutFold];
  for (const { data: values } of pooled) {
    for (let i = 0; i < values.length; i++) values[i]! *= weights.at(-1)!;
  }
  for (const [index, view] of fitted.views.entries()) {
    if (weights[index] === 0) continue;
    const models = fitted.folds[index]!.map(({ linear }) => linear);
    const says = await predictUnlabelled(view, models, training);
    [says.all, ...says.withoutFold].forEach((logProbabilities, part) => {
      addScaled(pooled[part]!.data, weights[index]!, logProbabilities.data);
    });
  }
  const taught = pooled.map(sharpen);
  return {
    targets: taught.map(({ probabilities }) => probabilities),
    confidence: taught.map(({ confidence }) => confidence),
  };
}

/** What a view's classifier and those of its folds say about unlabelled rows, in one product. */
async function predictUnlabelled(
  { recipe, tfidf, classifier }: FittedView,
  foldModels: readonly LinearModel[],
  { data, unlabelled, options }: Training,
): Promise<UnlabelledPredictions> {
  const { rows } = unlabelled;
  if (classifier.kind !== "logistic") throw new Error("internal: a probe is logistic");
  const models = [classifier.linear, ...foldModels];
  const { classes } = data;
  const { cols } = weightMatrix(classifier.linear);
  const packed: LinearModel = {
    weights: new Float64Array(models.length * classes * cols),
    bias: new Float64Array(models.length * classes),
  };
  models.forEach(({ weights, bias }, index) => {
    packed.weights.set(weights, index * weights.length);
    packed.bias.set(bias, index * classes);
  });
  const [all, ...withoutFold] = models.map(() => zeros64(rows.length, classes));
  const results = [all!, ...withoutFold];
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const chosen = rows.subarray(start, start + BLOCK_ROWS);
    const words = tfidf && knownTerms(tfidf, unlabelled, start);
    const features = words ?? viewFeatures(recipe, tfidf, data, chosen);
    const logits = await linearLogits(packed, features, options.linearAlgebra);
    results.forEach((result, index) => {
      for (let row = 0; row < chosen.length; row++) {
        const from = row * logits.cols + index * classes;
        rowOf(result, start + row).set(logits.data.subarray(from, from + classes));
      }
    });
  }
  const [first, ...others] = results.map(logSoftmaxRows);
  return { all: first!, withoutFold: others };
}

/** A block of rows whose texts were taken apart before in the same way; undefined where they were not. */
function knownTerms(tfidf: TfidfModel, { terms }: Unlabelled, start: number): Csr | undefined {
  if (terms?.tokenization.segmented !== tfidf.tokenization.segmented) return undefined;
  return weighTerms(tfidf, terms.terms.slice(start, start + BLOCK_ROWS));
}

/** Squared and normalised probabilities, class by class, and how certain each row is. */
function sharpen(logits: Matrix64): { probabilities: Matrix32; confidence: Float64Array } {
  const { rows, cols } = logits;
  const squared = logSoftmaxRows({
    ...logits,
    data: logSoftmaxRows(logits).data.map((v) => 2 * v),
  });
  const probabilities = zeros32(cols, rows);
  const confidence = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    rowOf(squared, row).forEach((value, k) => {
      const probability = Math.exp(value);
      probabilities.data[k * rows + row] = probability;
      largest = Math.max(largest, probability);
    });
    confidence[row] = Math.max(0, (largest - 1 / cols) / (1 - 1 / cols));
  }
  return { probabilities, confidence };
}
