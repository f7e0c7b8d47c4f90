import type { Random } from "@engraft/core";
import type { RowPredictions } from "@engraft/core/internal";
import {
  combineLogProbabilities,
  fitStack,
  gather,
  type LabelledFeatures,
  type Matrix64,
  numberOfFolds,
  rowOf,
  rowRange,
  selectRows,
  stackRows,
  stratifiedGroupFolds,
  type ViewRecipe,
  zeros64,
} from "@engraft/core/internal";

/** What each view of a head says about rows that nothing below it was trained on. */
export interface HeldOutViews {
  readonly rows: Int32Array;
  /** Log-probabilities by name of the view: [rows, classes]. */
  readonly perView: ReadonlyMap<string, Matrix64>;
}

/** Weights of some views, and what a stack with such weights says about held-out rows. */
export interface HeldOutStack {
  /** One for each view, in their order. */
  readonly weights: readonly number[];
  /** One for each part, in their order. */
  readonly predictions: readonly RowPredictions[];
}

const FOLDS = 5;

/**
 * Weighs the views of a tuned base by what they say about rows that the base was not tuned on: rows
 * that it was tuned on look easier to its layers than any others, and would take the weight from the
 * words.
 *
 * The weights that are returned come from all rows. What is predicted is cross-fitted: each fold of
 * the rows is pooled with weights that come from the other folds, so that it can be measured.
 *
 * @param parts - Parts of the data without a row in common.
 * @param recipes - The views to weigh. The weight of a single one is its (inverse) temperature: a head
 *   that was trained with its base is too sure of itself.
 */
export function stackHeldOut(
  parts: readonly HeldOutViews[],
  recipes: readonly Pick<ViewRecipe, "name" | "share">[],
  { targets, groups }: Pick<LabelledFeatures, "targets" | "groups">,
  random: Random,
): HeldOutStack {
  const rows = Int32Array.from(parts.flatMap((part) => [...part.rows]));
  const views = recipes.map(({ name }) =>
    stackRows(parts.map(({ perView }) => perView.get(name)!)),
  );
  const truth = { targets: gather(targets, rows), groups: gather(groups, rows) };
  const folds = numberOfFolds(truth.targets, truth.groups, FOLDS);
  const foldOfRow = stratifiedGroupFolds({ ...truth, folds, random });
  const weigh = (chosen: Int32Array): Float64Array =>
    fitStack(
      views.map((view) => selectRows(view, chosen)),
      gather(truth.targets, chosen),
      { shares: recipes.map(({ share }) => share ?? 1) },
    ).weights;

  const places = Int32Array.from(rows.keys());
  const pooled = zeros64(rows.length, views[0]!.cols);
  for (let fold = 0; fold < folds; fold++) {
    const weights = weigh(places.filter((place) => foldOfRow[place] !== fold));
    const chosen = places.filter((place) => foldOfRow[place] === fold);
    const predicted = combineLogProbabilities(
      views.map((view) => selectRows(view, chosen)),
      weights,
    );
    chosen.forEach((place, index) => {
      rowOf(pooled, place).set(rowOf(predicted, index));
    });
  }
  return { weights: [...weigh(places)], predictions: splitRows(pooled, parts) };
}

function splitRows(matrix: Matrix64, parts: readonly HeldOutViews[]): RowPredictions[] {
  let start = 0;
  return parts.map(({ rows }) => {
    const logProbabilities = rowRange(matrix, start, rows.length);
    start += rows.length;
    return { rows, logProbabilities };
  });
}
