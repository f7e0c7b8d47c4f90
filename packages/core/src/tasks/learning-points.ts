import type { EvaluationPlan } from "../evaluate/folds.js";
import type { SizeMeasurement } from "../evaluate/learning-curve.js";
import { stratifiedOrder } from "../evaluate/stratified-order.js";
import type { LabelledFeatures } from "../heads/examples.js";
import {
  type FitHeadOptions,
  poolViews,
  predictViews,
  refitViews,
  type StackedHead,
} from "../heads/stacked-head.js";
import { rowOf } from "../math/matrix.js";
import { indexOfLargest } from "../math/vector.js";

/** At most so many halvings below the largest size: further down, another law may hold. */
const MOST_HALVINGS = 4;
/** At least so many steps between the smallest size and the largest. */
const STEPS = 6;
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
  const steps = halvings * Math.ceil(STEPS / halvings);
  return Array.from({ length: steps + 1 }, (_, i) =>
    Math.floor(largest / 2 ** (((steps - i) * halvings) / steps)),
  );
}

/** A size is measured on several draws as long as its fits take less work than this: rows x classes. */
const WORK_PER_SIZE = 250_000;
const MOST_DRAWS = 2;

/**
 * Measures how often a head is wrong that learned from `size` examples: it is fitted to parts of that
 * size of every training part of a plan, with the settings that it has, and asked about the test part.
 *
 * @param head - Its settings; nothing of it is used that was fitted.
 * @param tested - The rows that the plan tests, ascending.
 */
export async function measureSize(
  size: number,
  data: LabelledFeatures,
  { splits }: EvaluationPlan,
  tested: Int32Array,
  head: StackedHead,
  fitting: FitHeadOptions,
): Promise<SizeMeasurement> {
  const affordable = Math.floor(WORK_PER_SIZE / (size * data.classes * splits.length));
  const draws = Math.max(1, Math.min(MOST_DRAWS, affordable));
  const wrong = new Float64Array(data.targets.length);
  const asked = new Float64Array(data.targets.length);
  for (let draw = 0; draw < draws; draw++) {
    for (const [index, { train, test }] of splits.entries()) {
      const random = fitting.random.derive(`draw ${draw} of split ${index}`);
      const rows = stratifiedOrder(train, data, random).slice(0, size).sort();
      const views = await refitViews(data, rows, head.views, { ...fitting, random });
      const perView = await predictViews(views, data, test, fitting.linearAlgebra);
      const predicted = poolViews({ views, weights: head.weights }, perView);
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
