import type { EvaluationPlan } from "../evaluate/folds.js";
import type { LearningPoint } from "../evaluate/learning-curve.js";
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
 */
export async function measureLearningPoint(
  size: number,
  data: LabelledFeatures,
  { splits }: EvaluationPlan,
  head: StackedHead,
  fitting: FitHeadOptions,
): Promise<LearningPoint> {
  const affordable = Math.floor(WORK_PER_SIZE / (size * data.classes * splits.length));
  const draws = Math.max(1, Math.min(MOST_DRAWS, affordable));
  const errors: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    for (const [index, { train, test }] of splits.entries()) {
      const random = fitting.random.derive(`draw ${draw} ${index}`);
      const rows = stratifiedOrder(train, data, random).slice(0, size).sort();
      const views = await refitViews(data, rows, head.views, { ...fitting, random });
      const perView = await predictViews(views, data, test, fitting.linearAlgebra);
      const predicted = poolViews({ views, weights: head.weights }, perView);
      let wrong = 0;
      test.forEach((row, i) => {
        if (indexOfLargest(rowOf(predicted, i)) !== data.targets[row]) wrong += 1;
      });
      errors.push(wrong / test.length);
    }
  }
  const error = errors.reduce((a, b) => a + b) / errors.length;
  const variance = errors.reduce((a, b) => a + (b - error) ** 2, 0) / (errors.length - 1);
  return { examples: size, error, standardError: Math.sqrt(variance / errors.length) || 0.005 };
}
