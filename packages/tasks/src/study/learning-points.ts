import type {
  EvaluationPlan,
  LabelledFeatures,
  SizeMeasurement,
  ViewRecipe,
} from "@engraft/core/internal";
import {
  type FitHeadOptions,
  indexOfLargest,
  poolViews,
  predictViews,
  rowOf,
  stratifiedOrder,
} from "@engraft/core/internal";
import type { ChosenView } from "../format/files/measurement.js";
import { fitAsChosen } from "../train/measure/cross-validate.js";

/** At most so many halvings below the largest size: further down, another law may hold. */
const MOST_HALVINGS = 4;
/** At least so many steps between the smallest size and the largest, */
const STEPS = 6;
/** unless a fit takes more work than this, rows x classes: then one step for each halving. */
const LARGE_FIT = 100_000;
/** The smallest size: below, what is learned is chance. */
const FEWEST_EXAMPLES = 8;
const FEWEST_PER_CLASS = 2;

/**
 * Numbers of training examples at which a learning curve is measured: evenly spaced on a logarithmic
 * scale, up to the smallest training part of a plan.
 *
 * @returns Increasing; empty where there are too few examples for one halving.
 */
export function learningSizes({ splits }: EvaluationPlan, classes: number): number[] {
  const largest = splits.reduce((least, { train }) => Math.min(least, train.length), Infinity);
  const smallest = Math.max(FEWEST_PER_CLASS * classes, FEWEST_EXAMPLES);
  const halvings = Math.min(MOST_HALVINGS, Math.floor(Math.log2(largest / smallest)));
  if (halvings < 1) return [];
  const isLarge = largest * classes > LARGE_FIT;
  const steps = isLarge ? halvings : halvings * Math.ceil(STEPS / halvings);
  return Array.from({ length: steps + 1 }, (_, i) =>
    Math.floor(largest / 2 ** (((steps - i) * halvings) / steps)),
  );
}

/** So many fits of a size even out which examples happen to be drawn, */
const ENOUGH_FITS = 10;
/** as far as they take no more work than this: rows x classes. */
const WORK_PER_SIZE = 250_000;

/** A head as it is fitted to any examples: its views, and what was chosen for them. */
export interface Learner {
  readonly recipes: readonly ViewRecipe[];
  readonly chosen: readonly ChosenView[];
}

/**
 * Measures how often a head is wrong that learned from `size` examples: it is fitted to parts of that
 * size of every training part of a plan, with the settings that it has, and asked about the test part.
 *
 * @param tested - The rows that the plan tests, ascending.
 */
export async function measureSize(
  size: number,
  data: LabelledFeatures,
  { splits }: EvaluationPlan,
  tested: Int32Array,
  { recipes, chosen }: Learner,
  fitting: FitHeadOptions,
): Promise<SizeMeasurement> {
  const candidates = { recipes, baselines: [] };
  const affordable = Math.floor(WORK_PER_SIZE / (size * data.classes));
  const draws = Math.max(1, Math.floor(Math.min(ENOUGH_FITS, affordable) / splits.length));
  const wrong = new Float64Array(data.targets.length);
  const asked = new Float64Array(data.targets.length);
  for (let draw = 0; draw < draws; draw++) {
    for (const [index, { train, test }] of splits.entries()) {
      const random = fitting.random.derive(`draw ${draw} of split ${index}`);
      const rows = stratifiedOrder(train, data, random).slice(0, size).sort();
      const options = { ...fitting, random };
      const { head } = await fitAsChosen(chosen, data, rows, candidates, options);
      const perView = await predictViews(head.views, data, test, fitting.linearAlgebra);
      const predicted = poolViews(head, perView);
      test.forEach((row, i) => {
        asked[row]! += 1;
        if (indexOfLargest(rowOf(predicted, i)) !== data.targets[row]) wrong[row]! += 1;
      });
    }
  }
  return {
    examples: size,
    wrong: Float64Array.from(tested, (row) => wrong[row]! / asked[row]!),
  };
}

/** The rows that a plan tests, ascending: all of them, or on large data a part. */
export function testedRows({ splits }: EvaluationPlan): Int32Array {
  return Int32Array.from(new Set(splits.flatMap(({ test }) => [...test]))).sort();
}
