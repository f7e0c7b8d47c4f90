import { cholesky, solveTransposed } from "../../math/cholesky.js";
import { type LinearAlgebra, toDouble, toSingle } from "../../math/matrix.js";
import { type Design, denseDesign, needsDouble } from "./design.js";
import { type LinearModel, weightMatrix } from "./linear-model.js";

/** A design in fewer coordinates, and the way back. */
export interface RotatedDesign {
  readonly design: Design;
  /** A classifier of the rotated features as one of the unrotated. */
  readonly restore: (model: LinearModel) => Promise<LinearModel>;
}

/** Rows beyond which factoring costs more than it saves (it grows with their third power). */
const maxRotatedRows = 2048;

/** Whether `rotate` makes a problem smaller. */
export function isWide({ rows, cols }: { readonly rows: number; readonly cols: number }): boolean {
  return rows < cols && rows <= maxRotatedRows;
}

/**
 * An exact replacement of n x d features by n x r ones, with r <= n the rank.
 *
 * The L2-penalised solution lies in the span of the rows: a part of the weights outside of it
 * changes no score and only adds to the penalty. So with `Q` (d x r) an orthonormal basis of that
 * span, `W = Q V`, both `X W = (X Q) V` and `|W| = |V|`: the problem in the features `X Q` is the
 * same one. `Q` is free up to a rotation, and every `L` with `L Lᵀ = X Xᵀ` and r columns is `X Q`
 * for one such basis. The Cholesky factor of the Gram matrix is the cheapest; the singular vectors
 * would be another.
 *
 * The way back needs no `Q`: `W = Xᵀ B` with `Lᵀ B = V` has the scores `L Lᵀ B = L V` and the norm
 * `Bᵀ L Lᵀ B = |V|²`. Dependent rows (duplicates) have no pivot and get coefficient 0 in `B`.
 */
export async function rotate(
  design: Design,
  classes: number,
  algebra: LinearAlgebra,
): Promise<RotatedDesign> {
  const factored = cholesky(await design.gram());
  const { factor } = factored;
  return {
    design: denseDesign(needsDouble(factor, classes) ? factor : toSingle(factor), algebra),
    restore: async (model) => {
      const coefficients = solveTransposed(factored, weightMatrix(model));
      const weights = await design.gradient(coefficients);
      return { weights: toDouble(weights).data, bias: model.bias };
    },
  };
}
