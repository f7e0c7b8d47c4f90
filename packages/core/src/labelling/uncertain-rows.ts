import { type Matrix, type Matrix32, rowOf } from "../math/matrix.js";
import { dot } from "../math/vector.js";

/** An unlabelled row that is worth a label. */
export interface Suggestion {
  readonly row: number;
  /** 1 minus the lead of the most probable class over the next: 0 where one is certain, 1 where both are equal. */
  readonly uncertainty: number;
}

/**
 * Chooses rows whose labels should teach a classifier most. One by one, each the row with the largest
 *
 *     uncertainty · (1 - largest cosine to a row chosen before)
 *
 * The first factor is margin sampling (Scheffer et al., IDA 2001); alone it asks for the same doubt
 * many times over. The second is farthest-first traversal, as in core-sets (Sener and Savarese, ICLR
 * 2018), which alone asks for outliers.
 *
 * @param logProbabilities - What the classifier says: rows x classes.
 * @param embeddings - Rows of length 1.
 * @param count - How many rows; all of them where there are fewer.
 * @returns Rows in the order in which they were chosen.
 */
export function chooseToLabel(
  logProbabilities: Matrix,
  embeddings: Matrix32,
  count: number,
): Suggestion[] {
  const { rows } = logProbabilities;
  const uncertainty = Float64Array.from({ length: rows }, (_, row) =>
    marginUncertainty(rowOf(logProbabilities, row)),
  );
  const distance = new Float64Array(rows).fill(1);
  const isChosen = new Uint8Array(rows);
  const chosen: Suggestion[] = [];
  while (chosen.length < Math.min(count, rows)) {
    let best = -1;
    for (let row = 0; row < rows; row++) {
      if (isChosen[row] === 1) continue;
      const isBetter =
        best < 0 || uncertainty[row]! * distance[row]! > uncertainty[best]! * distance[best]!;
      if (isBetter) best = row;
    }
    isChosen[best] = 1;
    chosen.push({ row: best, uncertainty: uncertainty[best]! });
    const here = rowOf(embeddings, best);
    for (let row = 0; row < rows; row++) {
      // Rounding brings the cosine of a row with its twin above 1.
      const apart = Math.max(0, 1 - dot(rowOf(embeddings, row), here));
      if (apart < distance[row]!) distance[row] = apart;
    }
  }
  return chosen;
}

/** 1 minus the lead of the most probable class over the next: see {@link Suggestion.uncertainty}. */
export function marginUncertainty(logProbabilities: ArrayLike<number>): number {
  let [first, second] = [-Infinity, -Infinity];
  for (let k = 0; k < logProbabilities.length; k++) {
    const value = logProbabilities[k]!;
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  }
  return 1 - (Math.exp(first) - Math.exp(second));
}
