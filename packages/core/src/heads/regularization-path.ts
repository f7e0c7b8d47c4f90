import { type Matrix64, rowOf, zeros64 } from "../math/matrix.js";
import { labelSmoothing, logSumExp, meanLogLoss } from "../math/softmax.js";
import type { Design } from "./design.js";
import type { LinearModel } from "./linear-model.js";
import { fitLogistic, type Labels, type LogisticOptions } from "./logistic.js";

/** Labelled rows, what each counts, and the fold that each is held out in. */
export interface FoldedLabels extends Labels {
  /** Class weights, by row. */
  readonly rowWeights: Float64Array;
  readonly folds: Int32Array;
}

/** Held-out loss at one strength of the regularisation. */
export interface LossAtC {
  readonly c: number;
  /** Weighted mean log-loss of the held-out rows, with `labelSmoothing`. */
  readonly loss: number;
}

/** One classifier a fold, at one strength of the regularisation. */
export interface FoldFits {
  readonly c: number;
  readonly loss: number;
  /** Fitted on all rows outside of the fold; in the order of the folds that were asked for. */
  readonly models: readonly LinearModel[];
  /** Rows x classes: what the classifier that has not seen a row says about it. */
  readonly logProbabilities: Matrix64;
}

/**
 * Fits one classifier for each of `heldOut` on the rows outside of that fold, and asks it about the
 * rows inside. Rows in no fold of `heldOut` keep log-probability 0 and do not count.
 */
export async function fitFolds(
  design: Design,
  labels: FoldedLabels,
  heldOut: readonly number[],
  c: number,
  starts: readonly LinearModel[] | undefined,
  options: LogisticOptions,
): Promise<FoldFits> {
  const problems = heldOut.map((fold, index) => ({
    rowWeights: labels.rowWeights.map((weight, row) => (labels.folds[row] === fold ? 0 : weight)),
    c,
    start: starts?.[index],
  }));
  const models = await fitLogistic(design, labels, problems, options);
  const logProbabilities = await predictFolds(design, labels, heldOut, models);
  const isHeldOut = new Set(heldOut);
  const weights = labels.rowWeights.map((weight, row) =>
    isHeldOut.has(labels.folds[row]!) ? weight : 0,
  );
  const smoothing = labelSmoothing(labels.targets.length);
  const loss = meanLogLoss(logProbabilities, labels.targets, weights, smoothing);
  return { c, loss, models, logProbabilities };
}

/**
 * Follows the solutions of all folds from strong to weak regularisation, each starting at the one
 * before, and keeps the C with the least held-out loss. Along the path the loss falls to one minimum
 * and rises again, so that the path ends after `patience` values of C without an improvement.
 */
export async function searchPath(
  design: Design,
  labels: FoldedLabels,
  heldOut: readonly number[],
  grid: readonly number[],
  starts: readonly LinearModel[] | undefined,
  options: LogisticOptions & { readonly patience: number },
): Promise<{ best: FoldFits; losses: LossAtC[] }> {
  const losses: LossAtC[] = [];
  let best: FoldFits | undefined;
  let latest = starts;
  let failures = 0;
  for (const c of grid) {
    const fits = await fitFolds(design, labels, heldOut, c, latest, options);
    losses.push({ c, loss: fits.loss });
    failures = best === undefined || fits.loss < best.loss ? 0 : failures + 1;
    if (failures === 0) best = fits;
    if (failures === options.patience) break;
    latest = fits.models;
  }
  return { best: best!, losses };
}

/** Log-probabilities of the rows of each held-out fold by its own classifier. */
async function predictFolds(
  design: Design,
  { classes, folds }: FoldedLabels,
  heldOut: readonly number[],
  models: readonly LinearModel[],
): Promise<Matrix64> {
  const packed = zeros64(models.length * classes, design.cols);
  models.forEach(({ weights }, index) => {
    packed.data.set(weights, index * weights.length);
  });
  const scores = await design.scores(packed);
  const result = zeros64(design.rows, classes);
  for (let row = 0; row < design.rows; row++) {
    const index = heldOut.indexOf(folds[row]!);
    if (index < 0) continue;
    const logits = rowOf(scores, row).subarray(index * classes, (index + 1) * classes);
    const target = rowOf(result, row);
    for (let k = 0; k < classes; k++) target[k] = logits[k]! + models[index]!.bias[k]!;
    const total = logSumExp(target);
    for (let k = 0; k < classes; k++) target[k] = target[k]! - total;
  }
  return result;
}
