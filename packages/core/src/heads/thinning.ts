import { selectRows } from "../math/matrix.js";
import { isCsr, selectSparseRows } from "../math/sparse.js";
import { alignDesign } from "./alignment.js";
import { createDesign } from "./design.js";
import type { Features, LinearModel } from "./linear-model.js";
import {
  fitOnAllRows,
  gridPatience,
  type ProbeFit,
  type ProbeProblem,
  searchTolerance,
} from "./probe-fit.js";
import { type FoldedLabels, fitFolds, searchPath } from "./regularization-path.js";
import { rotateIfWide } from "./rotation.js";

/** Rows x classes beyond which the search is thinned. */
export const thinningThreshold = 100_000;

/** With very many classes, a sample still has about this many rows of each. */
const minRowsPerClass = 8;

/** Whether a problem is searched by `fitThinned`. */
export function isLarge({ targets, classes }: FoldedLabels): boolean {
  return targets.length * classes > thinningThreshold;
}

/**
 * Chooses the regularisation of a large problem in time that stays linear in the number of rows:
 *
 * 1. The whole grid of C, with all folds, on a stratified sample of `thinningThreshold / classes`
 *    rows. Its size does not depend on the number of rows.
 * 2. On all rows, the C that won and its neighbours on the grid, with only the first fold held out:
 *    the best C moves with the number of rows, though little.
 * 3. At the C that won, the out-of-fold predictions of all folds, and the fit on all rows.
 *
 * Every fit starts at the sample's solution for the same fold, which has not seen the rows that are
 * held out either.
 */
export async function fitThinned(problem: ProbeProblem): Promise<ProbeFit> {
  const { features, scaling, labels, heldOut, grid, linearAlgebra, signal } = problem;
  const options = { tolerance: searchTolerance, patience: 1, signal };
  const sampled = await searchSample(problem);

  const plain = createDesign(features, scaling, labels.classes, linearAlgebra);
  const { design, align, restore } = await alignDesign(plain, linearAlgebra);
  const starts = await Promise.all(sampled.models.map(align));
  const index = grid.indexOf(sampled.c);
  const neighbours = grid.slice(Math.max(0, index - 1), index + 2);
  const { best } = await searchPath(
    design,
    labels,
    heldOut.slice(0, 1),
    neighbours,
    starts,
    options,
  );
  const closer = [...best.models, ...starts.slice(1)];
  const outOfFold = await fitFolds(design, labels, heldOut, best.c, closer, options);
  const model = await fitOnAllRows(design, labels, outOfFold, options);
  return { outOfFold, losses: sampled.losses, model: await restore(model) };
}

/** Step 1: the winning C, and its solution for every fold in unrotated coordinates. */
async function searchSample({
  features,
  scaling,
  labels,
  heldOut,
  grid,
  linearAlgebra,
  signal,
}: ProbeProblem): Promise<{ c: number; losses: ProbeFit["losses"]; models: LinearModel[] }> {
  const rows = sampleRows(labels);
  const sample = selectFeatureRows(features, rows);
  const plain = createDesign(sample, scaling, labels.classes, linearAlgebra);
  const { design, unrotate } = await rotateIfWide(plain, labels.classes, linearAlgebra);
  const { best, losses } = await searchPath(
    design,
    selectLabels(labels, rows),
    heldOut,
    grid,
    undefined,
    { tolerance: searchTolerance, patience: gridPatience, signal },
  );
  return { c: best.c, losses, models: await Promise.all(best.models.map(unrotate)) };
}

/**
 * Evenly spaced rows in the order of class, then fold: every class and every fold of a class has its
 * share, to within one row. In increasing order.
 */
export function sampleRows({ targets, classes, folds }: FoldedLabels): Int32Array {
  const size = Math.max(thinningThreshold / classes, minRowsPerClass * classes);
  const count = Math.min(targets.length, Math.floor(size));
  const ordered = Int32Array.from(targets.keys()).sort(
    (a, b) => targets[a]! - targets[b]! || folds[a]! - folds[b]! || a - b,
  );
  const spacing = targets.length / count;
  return Int32Array.from(
    { length: count },
    (_, i) => ordered[Math.floor((i + 0.5) * spacing)]!,
  ).sort();
}

function selectFeatureRows(features: Features, rows: Int32Array): Features {
  return isCsr(features) ? selectSparseRows(features, rows) : selectRows(features, rows);
}

function selectLabels(labels: FoldedLabels, rows: Int32Array): FoldedLabels {
  return {
    classes: labels.classes,
    targets: rows.map((row) => labels.targets[row]!),
    folds: rows.map((row) => labels.folds[row]!),
    rowWeights: Float64Array.from(rows, (row) => labels.rowWeights[row]!),
  };
}
