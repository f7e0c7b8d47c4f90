import { gather, type OutOfFold } from "../../features/labelled-features.js";
import { rowOf, zeros64 } from "../../math/matrix.js";
import { labelSmoothing, logSoftmaxRows, meanLogLoss } from "../../math/softmax.js";
import type { Design } from "./design.js";
import type { LinearModel } from "./linear-model.js";
import { fitLogistic, type Labels, type LogisticOptions } from "./logistic.js";

/** Labelled rows, what each counts, and the fold that each is held out in. */
export interface FoldedLabels extends Labels {
  /** Class weights, by row. */
  readonly rowWeights: Float64Array;
  readonly folds: Int32Array;
}

/** One classifier a fold, at one strength of the regularisation. */
export interface FoldFits {
  readonly c: number;
  /** Weighted mean log-loss of the held-out rows, with `labelSmoothing`. */
  readonly loss: number;
  /** Fitted on all rows outside of the fold; in the order of the folds that were asked for. */
  readonly models: readonly LinearModel[];
  /** What the classifier that has not seen a row says about it, for the rows of these folds. */
  readonly outOfFold: OutOfFold;
}

/**
 * Fits one classifier for each of `heldOut` on the rows outside of that fold, and asks it about the
 * rows inside.
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
  const outOfFold = await predictFolds(design, labels, heldOut, models);
  const { rows, logProbabilities } = outOfFold;
  const loss = meanLogLoss(
    logProbabilities,
    gather(labels.targets, rows),
    Float64Array.from(rows, (row) => labels.rowWeights[row]!),
    labelSmoothing(rows.length),
  );
  return { c, loss, models, outOfFold };
}

/** Log-probabilities of the rows of each held-out fold by its own classifier. */
async function predictFolds(
  design: Design,
  { classes, folds }: FoldedLabels,
  heldOut: readonly number[],
  models: readonly LinearModel[],
): Promise<OutOfFold> {
  const packed = zeros64(models.length * classes, design.cols);
  models.forEach(({ weights }, index) => {
    packed.data.set(weights, index * weights.length);
  });
  const scores = await design.scores(packed);
  const rows = Int32Array.from(folds.keys()).filter((row) => heldOut.includes(folds[row]!));
  const logits = zeros64(rows.length, classes);
  rows.forEach((row, position) => {
    const index = heldOut.indexOf(folds[row]!);
    const target = rowOf(logits, position);
    for (let k = 0; k < classes; k++) {
      const score = scores.data[(index * classes + k) * design.rows + row]!;
      target[k] = score + models[index]!.bias[k]!;
    }
  });
  return { rows, logProbabilities: logSoftmaxRows(logits) };
}
