import type { LinearAlgebra } from "../math/matrix.js";
import type { Abort } from "../platform.js";
import { createDesign, type Design } from "./design.js";
import { type Features, type LinearModel, meanModel } from "./linear-model.js";
import { fitLogistic, type LogisticOptions } from "./logistic.js";
import {
  type FoldedLabels,
  type FoldFits,
  type LossAtC,
  searchPath,
} from "./regularization-path.js";
import { rotateIfWide } from "./rotation.js";
import type { Scaling } from "./scaling.js";

/** What a probe is fitted to. */
export interface ProbeProblem {
  readonly features: Features;
  readonly scaling: Scaling;
  readonly labels: FoldedLabels;
  /** The folds that occur. */
  readonly heldOut: readonly number[];
  /** Strengths of the regularisation, increasing. */
  readonly grid: readonly number[];
  readonly linearAlgebra: LinearAlgebra;
  readonly signal: Abort | undefined;
}

/** A fitted probe, in scaled coordinates. */
export interface ProbeFit {
  /** At the chosen C. */
  readonly outOfFold: FoldFits;
  readonly losses: readonly LossAtC[];
  readonly model: LinearModel;
}

/** Below this, held-out losses move by about 1 %, alike for every C (see `LbfgsOptions.tolerance`). */
export const searchTolerance = 1e-3;

/** One value of C without an improvement may be noise. */
export const gridPatience = 2;

/** Weights are good to about six digits. */
const exactTolerance = 1e-12;

/** Tries every C on all rows. */
export async function fitExhaustively(problem: ProbeProblem): Promise<ProbeFit> {
  const { features, scaling, labels, heldOut, grid, linearAlgebra, signal } = problem;
  const plain = createDesign(features, scaling, labels.classes, linearAlgebra);
  const { design, unrotate } = await rotateIfWide(plain, labels.classes, linearAlgebra);
  const options = { tolerance: searchTolerance, patience: gridPatience, signal };
  const { best, losses } = await searchPath(design, labels, heldOut, grid, undefined, options);
  const exact = { tolerance: exactTolerance, signal };
  const model = await fitOnAllRows(design, labels, best, exact);
  return { outOfFold: best, losses, model: await unrotate(model) };
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
