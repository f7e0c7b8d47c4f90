import { type Matrix, rowOf, zerosLike } from "../../math/matrix.js";
import type { Vector } from "../../math/vector.js";
import type { Design } from "./design.js";

/**
 * What soft targets take from the loss: `Σ weights · W + Σ bias · b`. It is linear in the weights `W`
 * and the biases `b`, so that it is computed once and not at every step: of
 * `-Σᵢ rowWeightᵢ Σₖ targetᵢₖ log softmax(W xᵢ + b)ₖ` only `Σᵢ rowWeightᵢ logsumexp(W xᵢ + b)` is left.
 */
export interface LinearPart {
  /** `c · Σᵢ rowWeightᵢ targetᵢₖ xᵢ`: classes x columns. */
  readonly weights: Vector;
  /** `c · Σᵢ rowWeightᵢ targetᵢₖ`. */
  readonly bias: Float64Array;
}

/** @param targets - Classes x rows. */
export async function linearPartOf(
  design: Design,
  targets: Matrix,
  { c, rowWeights }: { readonly c: number; readonly rowWeights: Float64Array },
): Promise<LinearPart> {
  const weighted: Matrix = { ...targets, data: zerosLike(targets.data, targets.data.length) };
  const bias = new Float64Array(targets.rows);
  for (let k = 0; k < targets.rows; k++) {
    const from = rowOf(targets, k);
    const to = rowOf(weighted, k);
    for (let row = 0; row < from.length; row++) {
      const mass = c * rowWeights[row]! * from[row]!;
      to[row] = mass;
      bias[k]! += mass;
    }
  }
  return { weights: (await design.gradient(weighted)).data, bias };
}
