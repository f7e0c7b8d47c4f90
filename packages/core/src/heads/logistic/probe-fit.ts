import type { LinearAlgebra } from "../../math/matrix.js";
import { smallestDesign } from "./coordinates.js";
import type { Design } from "./design.js";
import type { FoldedLabels, FoldFits } from "./fold-fits.js";
import { type LossAtC, searchGrid } from "./grid-search.js";
import { type Features, type LinearModel, meanModel } from "./linear-model.js";
import { fitLogistic, type LogisticOptions } from "./logistic.js";
import type { Scaling } from "./scaling.js";

/** What a probe is fitted to. */
export interface ProbeProblem {
  readonly features: Features;
  readonly scaling: Scaling;
  readonly labels: FoldedLabels;
  /** The folds whose rows are held out, by turns. */
  readonly heldOut: readonly number[];
  /** Strengths of the regularisation, increasing. */
  readonly grid: readonly number[];
  readonly linearAlgebra: LinearAlgebra;
  readonly signal: AbortSignal | undefined;
  /** Whether the classifiers of the folds are wanted. */
  readonly keepFolds: boolean;
}

/** A fitted probe, in scaled coordinates. */
export interface ProbeFit {
  /** At the chosen C. */
  readonly best: FoldFits;
  readonly losses: readonly LossAtC[];
  readonly model: LinearModel;
  /** The classifiers of the folds, where they are wanted. */
  readonly foldModels: readonly LinearModel[];
}

/** Below this, held-out losses move by less than 1 % (see `LbfgsOptions.tolerance`). */
const searchTolerance = 1e-4;
/** Weights are good to about six digits. */
const exactTolerance = 1e-12;

/** Searches the grid on all rows. */
export async function fitExhaustively(problem: ProbeProblem): Promise<ProbeFit> {
  const { features, scaling, labels, heldOut, grid, linearAlgebra, signal, keepFolds } = problem;
  const { design, restore } = await smallestDesign(
    features,
    scaling,
    labels.classes,
    linearAlgebra,
  );
  const { best, losses } = await searchGrid(design, labels, {
    heldOut,
    grid,
    tolerance: searchTolerance,
    signal,
  });
  // In single precision, the final fit is as good as those that its C was chosen by.
  const tolerance = design.isSingle ? searchTolerance : exactTolerance;
  const model = await fitOnAllRows(design, labels, best, { tolerance, signal });
  const foldModels = keepFolds ? await Promise.all(best.models.map(restore)) : [];
  return { best, losses, model: await restore(model), foldModels };
}

/** The final fit, started at the mean of the folds' solutions. */
export async function fitOnAllRows(
  design: Design,
  labels: FoldedLabels,
  { c, models }: FoldFits,
  options: LogisticOptions,
): Promise<LinearModel> {
  const problem = { rowWeights: labels.rowWeights, c, start: meanModel(models) };
  const [model] = await fitLogistic(design, labels, [problem], options);
  return model!;
}
