import { gather, type LabelledFeatures } from "../../features/labelled-features.js";
import { expNonPositive } from "../../math/exponential.js";
import {
  type LinearAlgebra,
  type Matrix32,
  type Matrix64,
  rowOf,
  zeros32,
  zeros64,
} from "../../math/matrix.js";
import { addScaled, scale } from "../../math/vector.js";
import {
  type Features,
  type LinearModel,
  linearLogits,
  weightMatrix,
} from "../logistic/linear-model.js";
import type { FoldModel } from "../logistic/probe.js";
import { fitStack } from "../stack/stack.js";
import type { FittedView } from "../stack/stacked-head.js";
import { classify } from "../views/classifier.js";
import { viewFeatures } from "../views/view-matrix.js";
import { NAMES_VIEW } from "../views/views.js";
import { weighCounts } from "../words/term-counts.js";
import { makeGraph } from "./graph.js";
import { type GraphPredictions, predictByGraph, type UnlabelledLogits } from "./graph-view.js";
import { keptNodes } from "./kept-graph.js";
import type { Training } from "./training.js";
import type { Unlabelled } from "./unlabelled.js";

/** What students learn of unlabelled rows. */
export interface Lesson {
  /** The teacher's probabilities, classes x rows: of the teacher of all rows, and without each fold. */
  readonly targets: readonly Matrix32[];
  /** What each row counts, for each of them: 1 where the teacher is certain, 0 where it knows nothing. */
  readonly confidence: readonly Float64Array[];
}

/**
 * Fits the teacher, the stack of the views and of a graph, and asks it about the unlabelled rows.
 *
 * @returns What it says, and what the graph alone says.
 */
export async function teach(
  training: Training,
): Promise<{ readonly lesson: Lesson; readonly graph: GraphPredictions }> {
  const { fitted } = training;
  const byGraph = await askGraph(training);
  const shares = fitted.views.map(({ recipe }) => recipe.share ?? 1);
  const { weights } = fitStack(
    [...fitted.outOfFold.map(({ logProbabilities }) => logProbabilities), byGraph.outOfFold],
    gather(fitted.targets, fitted.outOfFold[0]!.rows),
    { shares: [...shares, shares.reduce((sum, share) => sum + share, 0) / 2] },
  );
  const pooled = [byGraph.all, ...byGraph.withoutFold];
  for (const { data: values } of pooled) scale(values, weights.at(-1)!);
  for (const [index, view] of fitted.views.entries()) {
    if (weights[index] === 0) continue;
    const says = await predictTaught(view, fitted.folds[index]!, training);
    [says.all, ...says.withoutFold].forEach((logits, part) => {
      addScaled(pooled[part]!.data, weights[index]!, logits.data);
    });
  }
  return { lesson: lessonOf(pooled), graph: byGraph };
}

/** Asks the graph alone: without a label, the votes of the names are all that teaches. */
export async function teachByGraph(training: Training): Promise<Lesson> {
  const { all, withoutFold } = await askGraph(training);
  return lessonOf([all, ...withoutFold]);
}

/** What the labels, and the names of the labels where they are read, say through the graph. */
async function askGraph(training: Training): Promise<GraphPredictions> {
  const { fitted, data, rows, unlabelled, heldOut } = training;
  const { keptGraph } = unlabelled;
  const graph = makeGraph(
    unlabelled.graph,
    rows.map((row) => unlabelled.labelledNumber.get(row)!),
  );
  return predictByGraph(graph, {
    targets: fitted.targets,
    classes: data.classes,
    foldOf: fitted.foldOf,
    heldOut,
    rows: fitted.outOfFold[0]!.rows,
    asked: unlabelled.taught,
    classShares: unlabelled.classShares,
    votes: await votesOfNames(training),
    kept: keptGraph && keptNodes(keptGraph, unlabelled.rows.length, rows.length),
  });
}

/** How sharply names vote in the graph, whatever the labels say of them. */
const VOTING_FACTOR = 10;
/** Unlabelled rows that names vote on at a time. */
const BLOCK_ROWS = 4096;

/** What names say about all unlabelled rows, each class with mass 1; undefined where none are read. */
async function votesOfNames({
  fitted,
  data,
  unlabelled: { rows },
  options,
}: Training): Promise<Matrix64 | undefined> {
  const view = fitted.views.find(({ recipe }) => recipe.name === NAMES_VIEW);
  if (view?.classifier.kind !== "nearest-mean") return undefined;
  const model = { ...view.classifier.model, temperature: 1 / VOTING_FACTOR };
  const votes = zeros64(rows.length, data.classes);
  const sums = new Float64Array(votes.cols);
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const chosen = rows.subarray(start, start + BLOCK_ROWS);
    const features = viewFeatures(view.recipe, undefined, data, chosen);
    const says = await classify({ kind: "nearest-mean", model }, features, options.linearAlgebra);
    says.data.forEach((value, at) => {
      votes.data[start * votes.cols + at] = Math.exp(value);
      sums[at % votes.cols]! += Math.exp(value);
    });
  }
  for (let at = 0; at < votes.data.length; at++) votes.data[at]! /= sums[at % votes.cols]!;
  return votes;
}

function lessonOf(logits: readonly Matrix64[]): Lesson {
  const taught = logits.map(sharpen);
  return {
    targets: taught.map(({ probabilities }) => probabilities),
    confidence: taught.map(({ confidence }) => confidence),
  };
}

/** What a view's classifier and those of its folds say about the rows that students learn from. */
async function predictTaught(
  view: FittedView,
  folds: readonly FoldModel[],
  { data, unlabelled, heldOut, options }: Training,
): Promise<UnlabelledLogits> {
  const { classifier } = view;
  const features = taughtFeatures(view, data, unlabelled);
  const { linearAlgebra } = options;
  if (classifier.kind === "logistic") {
    const models = [classifier.linear, ...folds.map(({ linear }) => linear)];
    return predictLinear(models, features, data.classes, linearAlgebra);
  }
  // Names are the same in all folds.
  const all = await classify(classifier, features, linearAlgebra);
  return { all, withoutFold: heldOut.map(() => all) };
}

/** What several linear classifiers say, in one product: the first, and then those of the folds. */
async function predictLinear(
  models: readonly LinearModel[],
  features: Features,
  classes: number,
  linearAlgebra: LinearAlgebra,
): Promise<UnlabelledLogits> {
  const { cols } = weightMatrix(models[0]!);
  const packed: LinearModel = {
    weights: new Float64Array(models.length * classes * cols),
    bias: new Float64Array(models.length * classes),
  };
  models.forEach(({ weights, bias }, index) => {
    packed.weights.set(weights, index * weights.length);
    packed.bias.set(bias, index * classes);
  });
  const logits = await linearLogits(packed, features, linearAlgebra);
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
