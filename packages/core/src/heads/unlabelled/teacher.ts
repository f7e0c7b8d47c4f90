import { gather, type LabelledFeatures } from "../../features/labelled-features.js";
import { expNonPositive } from "../../math/exponential.js";
import { type Matrix32, type Matrix64, rowOf, zeros32, zeros64 } from "../../math/matrix.js";
import { addScaled } from "../../math/vector.js";
import {
  type Features,
  type LinearModel,
  linearLogits,
  weightMatrix,
} from "../logistic/linear-model.js";
import { fitStack } from "../stack/stack.js";
import type { FittedView } from "../stack/stacked-head.js";
import { viewFeatures } from "../views/view-matrix.js";
import { weighCounts } from "../words/term-counts.js";
import { makeGraph } from "./graph.js";
import { predictByGraph, type UnlabelledLogits } from "./graph-view.js";
import type { Training } from "./training.js";
import type { Unlabelled } from "./unlabelled.js";

/** What students learn of unlabelled rows. */
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
  const byGraph = predictByGraph(graph, {
    targets,
    classes,
    foldOf,
    heldOut,
    rows: held,
    asked: unlabelled.taught,
    classShares: unlabelled.classShares,
  });
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
    [says.all, ...says.withoutFold].forEach((logits, part) => {
      addScaled(pooled[part]!.data, weights[index]!, logits.data);
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
  view: FittedView,
  foldModels: readonly LinearModel[],
  { data, unlabelled, options }: Training,
): Promise<UnlabelledLogits> {
  const { classifier } = view;
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
  const features = taughtFeatures(view, data, unlabelled);
  const logits = await linearLogits(packed, features, options.linearAlgebra);
  const [all, ...withoutFold] = models.map((_, index) => {
    const result = zeros64(logits.rows, classes);
    for (let row = 0; row < logits.rows; row++) {
      const from = row * logits.cols + index * classes;
      rowOf(result, row).set(logits.data.subarray(from, from + classes));
    }
    return result;
  });
  return { all: all!, withoutFold };
}

/** The rows that students learn from; their texts are not taken apart again where that was done alike. */
function taughtFeatures(
  { recipe, tfidf }: FittedView,
  data: LabelledFeatures,
  { rows, taught, terms }: Unlabelled,
): Features {
  if (tfidf !== undefined && terms?.tokenization.segmented === tfidf.tokenization.segmented) {
    return weighCounts(tfidf, terms);
  }
  return viewFeatures(recipe, tfidf, data, gather(rows, taught));
}

/** Squared and normalised probabilities, class by class, and how certain each row is. */
function sharpen(logits: Matrix64): { probabilities: Matrix32; confidence: Float64Array } {
  const { rows, cols, data } = logits;
  const probabilities = zeros32(cols, rows);
  const confidence = new Float64Array(rows);
  const squares = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const from = row * cols;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < cols; k++) largest = Math.max(largest, data[from + k]!);
    let sum = 0;
    for (let k = 0; k < cols; k++) {
      squares[k] = expNonPositive(2 * (data[from + k]! - largest));
      sum += squares[k]!;
    }
    for (let k = 0; k < cols; k++) probabilities.data[k * rows + row] = squares[k]! / sum;
    confidence[row] = Math.max(0, (1 / sum - 1 / cols) / (1 - 1 / cols));
  }
  return { probabilities, confidence };
}
