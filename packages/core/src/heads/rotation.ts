import { cholesky, solveTransposed } from "../math/cholesky.js";
import { type LinearAlgebra, toDouble, toSingle, transposed } from "../math/matrix.js";
import { type Design, denseDesign, needsDouble } from "./design.js";
import { type LinearModel, weightMatrix } from "./linear-model.js";

/** A design in fewer coordinates, and the way back. */
export interface RotatedDesign {
  readonly design: Design;
  /** A classifier of the rotated features as one of the unrotated. */
  readonly unrotate: (model: LinearModel) => Promise<LinearModel>;
}

/** Rows beyond which factoring costs more than it saves (it grows with their third power). */
const maxRotatedRows = 2048;

/** Rotates a design that has fewer rows than columns; any other is left as it is. */
export async function rotateIfWide(
  design: Design,
  classes: number,
  algebra: LinearAlgebra,
): Promise<RotatedDesign> {
  const isWide = design.rows < design.cols && design.rows <= maxRotatedRows;
  return isWide ? rotate(design, classes, algebra) : { design, unrotate: async (model) => model };
}

/**
 * An exact replacement of n x d features by n x r ones, with r <= n the rank.
 *
 * The L2-penalised solution lies in the span of the rows: a part of the weights outside of it
 * changes no score and only adds to the penalty. So with `Q` (d x r) an orthonormal basis of that
 * span, `W = Q V`, both `X W = (X Q) V` and `|W| = |V|`: the problem in the features `X Q` is the
 * same one. `Q` is free up to a rotation, and every `L` with `L Lᵀ = X Xᵀ` and r columns is `X Q`
 * for one such basis. The Cholesky factor of the Gram matrix is the cheapest; the singular vectors
 * would be another. L-BFGS started at zero even takes the same steps for all of them, since it
 * commutes with rotations.
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
    unrotate: async (model) => {
      const coefficients = solveTransposed(factored, weightMatrix(model));
      const weights = await design.gradient(transposed(coefficients));
      return { weights: toDouble(weights).data, bias: model.bias };
    },
  };
}
