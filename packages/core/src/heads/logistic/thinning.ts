import { selectRows } from "../../math/matrix.js";
import { isCsr, selectSparseRows } from "../../math/sparse.js";
import { alignedDesign, plainDesign, smallestDesign } from "./coordinates.js";
import type { Design } from "./design.js";
import type { FoldedLabels } from "./fold-fits.js";
import { searchGrid } from "./grid-search.js";
import type { Features, LinearModel } from "./linear-model.js";
import { fitLogistic } from "./logistic.js";
import { fitOnAllRows, type ProbeFit, type ProbeProblem } from "./probe-fit.js";

/** Rows x classes beyond which the search is thinned. */
export const thinningThreshold = 100_000;

/** With very many classes, a sample still has about this many rows of each. */
const minRowsPerClass = 8;

/**
 * Held-out rows x classes that are enough to choose a C and the weights of a stack by: 12,500 rows of
 * two classes, 325 of 77.
 */
const enoughHeldOut = 25_000;

/** Below this, losses of large problems move by about 1 %, alike for every C. */
const tolerance = 1e-3;

/** Whether a problem is searched by `fitThinned`. */
export function isLarge({ targets, classes }: FoldedLabels): boolean {
  return targets.length * classes > thinningThreshold;
}

/** The first folds that together hold enough rows; all of them if they do not. */
export function enoughFolds({ folds, classes }: FoldedLabels, all: readonly number[]): number[] {
  const chosen: number[] = [];
  let rows = 0;
  for (const fold of all) {
    if (rows * classes >= enoughHeldOut) break;
    chosen.push(fold);
    for (const other of folds) rows += Number(other === fold);
  }
  return chosen;
}

/**
 * Chooses the regularisation of a large problem in time that stays linear in the number of rows:
 *
 * 1. The grid of C is searched on a stratified sample of `thinningThreshold / classes` rows. Its size
 *    does not depend on the number of rows.
 * 2. On all rows, the search goes on downhill from where the C that won leads one to expect the best.
 *    The first fit of each fold starts at the sample's solution for the same fold, which has not
 *    seen the rows that are held out either.
 * 3. At the C that won there, the fit on all rows.
 */
export async function fitThinned(problem: ProbeProblem): Promise<ProbeFit> {
  const { features, scaling, labels, heldOut, grid, linearAlgebra, signal } = problem;
  const sampled = await searchSample(problem);

  const { design, align, restore } = await alignedDesign(
    features,
    scaling,
    labels.classes,
    linearAlgebra,
  );
  const options = { tolerance, signal };
  const { best, losses } = await searchGrid(design, labels, {
    heldOut,
    grid,
    from: expectedIndex(grid, sampled.c, labels.targets.length / sampled.rows),
    direction: -1,
    starts: await Promise.all(sampled.models.map(align)),
    ...options,
  });
  const model = await fitOnAllRows(design, labels, best, options);
  const foldModels = problem.keepFolds ? await Promise.all(best.models.map(restore)) : [];
  return { best, losses, model: await restore(model), foldModels };
}

/**
 * Fits a problem at a strength that was chosen before: on the sample, and if it is a large one, from
 * there on all rows.
 *
 * @param known - The solution of nearly the same problem, in scaled coordinates. A large problem
 *   starts there instead of at that of the sample.
 */
export async function fitThinnedAt(
  c: number,
  {
    features,
    scaling,
    labels,
    linearAlgebra,
    signal,
  }: Omit<ProbeProblem, "heldOut" | "grid" | "keepFolds">,
  known?: LinearModel,
): Promise<LinearModel> {
  const options = { tolerance, signal };
  const fitFrom = async (
    design: Design,
    those: FoldedLabels,
    start?: LinearModel,
  ): Promise<LinearModel> => {
    const problem = { rowWeights: those.rowWeights, c, start };
    const [model] = await fitLogistic(design, those, [problem], options);
    return model!;
  };
  const fitSample = async (): Promise<LinearModel> => {
    const rows = sampleRows(labels);
    const { design, restore } = await smallestDesign(
      selectFeatureRows(features, rows),
      scaling,
      labels.classes,
      linearAlgebra,
    );
    return restore(await fitFrom(design, selectLabels(labels, rows)));
  };
  if (!isLarge(labels)) return fitSample();
  if (known !== undefined) {
    // So few steps lead to the solution that aligned axes would not repay.
    return fitFrom(plainDesign(features, scaling, labels.classes, linearAlgebra), labels, known);
  }
  const all = await alignedDesign(features, scaling, labels.classes, linearAlgebra);
  return all.restore(await fitFrom(all.design, labels, await all.align(await fitSample())));
}

/**
 * Where on the grid to expect the best C of `ratio` times as many rows. On Banking77 it fell by about
 * `ratio^1.5`; the search goes on from there, and a C that is too large costs more than one that is
 * too small.
 */
function expectedIndex(grid: readonly number[], c: number, ratio: number): number {
  const distances = grid.map((candidate) => Math.abs(Math.log((candidate * ratio ** 1.5) / c)));
  return distances.indexOf(distances.reduce((a, b) => Math.min(a, b)));
}

/** Step 1: the winning C, and its solution for every fold in unaligned coordinates. */
async function searchSample(
  problem: ProbeProblem,
): Promise<{ c: number; models: readonly LinearModel[]; rows: number }> {
  const { features, scaling, labels, heldOut, grid, linearAlgebra, signal } = problem;
  const rows = sampleRows(labels);
  const sample = selectFeatureRows(features, rows);
  const { design, restore } = await smallestDesign(sample, scaling, labels.classes, linearAlgebra);
  const { best } = await searchGrid(design, selectLabels(labels, rows), {
    heldOut,
    grid,
    tolerance,
    signal,
  });
  const models = await Promise.all(best.models.map(restore));
  return { c: best.c, models, rows: rows.length };
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
