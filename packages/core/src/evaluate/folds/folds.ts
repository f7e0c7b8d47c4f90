import { DataError } from "../../errors.js";
import { createRandom, type Random } from "../../random/random.js";
import { rowsByGroup } from "../groups/groups.js";

/**
 * Splits rows into folds so that a group is never divided and every class is spread as evenly over
 * the folds as its groups allow.
 *
 * Greedy, as scikit-learn's `StratifiedGroupKFold`: groups are placed from the largest to the
 * smallest, those of equal size in random order, each where it adds least to the sum over classes and
 * folds of (share of the class in the fold)². When every group is one row, the counts of a class in
 * any two folds differ by at most one. No fold is empty unless there are fewer groups than folds.
 * Takes time in proportion to rows · folds, and n log n to sort.
 *
 * @param targets class of each row, from 0.
 * @param groups group of each row, any numbers.
 * @returns the fold of each row, from 0 to `folds - 1`.
 */
export function stratifiedGroupFolds(options: {
  readonly targets: Int32Array;
  readonly groups: Int32Array;
  readonly folds: number;
  readonly random: Random;
}): Int32Array {
  const { targets, folds } = options;
  const classSizes = countsOf(targets);
  const placed = Array.from({ length: folds }, () => ({
    size: 0,
    classes: new Float64Array(classSizes.length),
  }));
  const result = new Int32Array(targets.length);

  const members = options.random.shuffle(rowsByGroup(options.groups));
  members.sort((a, b) => b.length - a.length);
  for (const rows of members) {
    // The growth of Σ share², less what is the same for every fold.
    const costs = placed.map(({ classes }) =>
      rows.reduce((cost, row) => {
        const target = targets[row]!;
        return cost + classes[target]! / classSizes[target]! ** 2;
      }, 0),
    );
    const fold = smallest(costs, (index) => placed[index]!.size);
    const { classes } = placed[fold]!;
    for (const row of rows) {
      result[row] = fold;
      classes[targets[row]!]!++;
    }
    placed[fold]!.size += rows.length;
  }
  return result;
}

/**
 * How many folds to use: `wanted`, but no more than the groups of the most frequent class, and at
 * least 2.
 *
 * Rarer classes do not count, as in scikit-learn: a class of three groups is met by the same models,
 * trained on the other two, whether there are three folds or five, and more folds leave more rows to
 * learn all the other classes from.
 */
export function numberOfFolds(targets: Int32Array, groups: Int32Array, wanted: number): number {
  return Math.max(2, Math.min(wanted, Math.max(0, ...groupsPerClass(targets, groups))));
}

/** Rows to learn from and rows to measure on, with no row and no group in both. Ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** How a data set without a test set of its own is to be measured. */
export interface EvaluationPlan {
  readonly method: "cross-validation" | "holdout";
  /** Repeat by repeat. Each repeat of a cross-validation tests every row once. */
  readonly splits: readonly Split[];
  /** For reports: "5-fold cross-validation, repeated 3 times, stratified by class, ...". */
  readonly description: string;
  /**
   * Classes whose rows all lie in one group. They cannot be learned and tested at once, so that their
   * rows count as errors.
   */
  readonly unlearnableClasses: readonly number[];
}

const FOLDS = 5;
/** Below this many rows, one cross-validation depends too much on how the folds were drawn. */
const REPEAT_BELOW_ROWS = 500;
const REPEATS = 3;
/** Above this many rows · classes, training five times costs more than it tells. */
const HOLDOUT_ABOVE_ROWS_TIMES_CLASSES = 100_000;

/**
 * Chooses between repeated cross-validation (below 500 rows: 5 folds, 3 times), one cross-validation
 * (5 folds), and for rows · classes above 100,000 one held-out fifth. All are stratified by class and
 * keep groups whole. The same seed gives the same splits.
 *
 * @throws {DataError} `data/too-few` when there are fewer than two groups.
 */
export function evaluationPlan(options: {
  readonly targets: Int32Array;
  readonly groups: Int32Array;
  /** Number of classes. */
  readonly classes: number;
  readonly seed: number;
}): EvaluationPlan {
  const { targets, groups } = options;
  if (new Set(groups).size < 2) {
    throw new DataError(
      "data/too-few",
      "The examples are all near-duplicates of one another, so that none is left to test on. Add examples that differ.",
    );
  }
  const rows = targets.length;
  const holdout = rows * options.classes > HOLDOUT_ABOVE_ROWS_TIMES_CLASSES;
  const folds = numberOfFolds(targets, groups, FOLDS);
  const repeats = holdout || rows >= REPEAT_BELOW_ROWS ? 1 : REPEATS;
  const random = createRandom(options.seed).derive("evaluation");

  const splits = Array.from({ length: repeats }, (_, repeat) => {
    const foldOfRow = stratifiedGroupFolds({
      targets,
      groups,
      folds,
      random: random.derive(String(repeat)),
    });
    return splitsAt(foldOfRow, holdout ? 1 : folds);
  }).flat();

  return {
    method: holdout ? "holdout" : "cross-validation",
    splits,
    description: describeSplits(splits, repeats),
    unlearnableClasses: [...groupsPerClass(targets, groups)].flatMap((count, index) =>
      count === 1 ? [index] : [],
    ),
  };
}

/** How rows were divided, in words: `5-fold cross-validation, repeated 3 times, ...`. */
export function describeSplits(splits: readonly Split[], repeats = 1): string {
  const [{ train, test }] = splits as readonly [Split];
  return [
    splits.length === 1
      ? `one split, trained on ${train.length} rows and tested on ${test.length}`
      : `${splits.length / repeats}-fold cross-validation${repeats > 1 ? `, repeated ${repeats} times` : ""}`,
    "stratified by class",
    "near-duplicates kept together",
  ].join(", ");
}

/**
 * The splits that test the first `count` folds by turns.
 *
 * @param foldOfRow - Rows of other folds, or of none (-1), are never tested.
 */
export function splitsAt(foldOfRow: Int32Array, count: number): Split[] {
  const rows = Int32Array.from(foldOfRow.keys());
  return Array.from({ length: count }, (_, fold) => ({
    train: rows.filter((row) => foldOfRow[row] !== fold),
    test: rows.filter((row) => foldOfRow[row] === fold),
  }));
}

/** Number of groups in which each class occurs. */
function groupsPerClass(targets: Int32Array, groups: Int32Array): Int32Array {
  const seen = Array.from(countsOf(targets), () => new Set<number>());
  targets.forEach((target, row) => {
    seen[target]!.add(groups[row]!);
  });
  return Int32Array.from(seen, (set) => set.size);
}

function countsOf(targets: Int32Array): Int32Array {
  const counts = new Int32Array(targets.reduce((most, target) => Math.max(most, target), -1) + 1);
  for (const target of targets) counts[target]!++;
  return counts;
}

/** Index of the smallest cost; of equal costs, the one with the smaller `tie`, then the first. */
function smallest(costs: readonly number[], tie: (index: number) => number): number {
  let best = 0;
  for (let index = 1; index < costs.length; index++) {
    const difference = costs[index]! - costs[best]! || tie(index) - tie(best);
    if (difference < 0) best = index;
  }
  return best;
}
