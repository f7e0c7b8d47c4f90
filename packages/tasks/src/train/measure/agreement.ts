import { indexOfLargest, type Matrix64, rowOf, type StackedHead } from "@engraft/core/internal";

/** Counts, over held-out parts, how often each view of a head gives the label that the head gives. */
export class Agreement {
  readonly #counts = new Map<string, { same: number; asked: number }>();

  /**
   * Adds a held-out part.
   *
   * @param pooled - What the head says: rows x classes.
   * @param perView - What its views say, by name, and maybe others.
   */
  add(
    { views, weights }: StackedHead,
    pooled: Matrix64,
    perView: ReadonlyMap<string, Matrix64>,
  ): void {
    const answers = answersOf(pooled);
    for (const [index, { recipe }] of views.entries()) {
      if (weights[index] === 0) continue;
      const own = answersOf(perView.get(recipe.name)!);
      const counted = this.#counts.get(recipe.name) ?? { same: 0, asked: 0 };
      this.#counts.set(recipe.name, {
        same: counted.same + own.filter((answer, row) => answer === answers[row]).length,
        asked: counted.asked + own.length,
      });
    }
  }

  /** The shares of the same answers, by name of the view, of views that had weight in some part. */
  shares(): Map<string, number> {
    return new Map(Array.from(this.#counts, ([name, { same, asked }]) => [name, same / asked]));
  }
}

function answersOf(logProbabilities: Matrix64): Int32Array {
  return Int32Array.from({ length: logProbabilities.rows }, (_, row) =>
    indexOfLargest(rowOf(logProbabilities, row)),
  );
}
