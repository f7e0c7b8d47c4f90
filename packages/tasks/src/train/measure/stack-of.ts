import {
  combineLogProbabilities,
  type FittedViews,
  gather,
  labelSmoothing,
  meanLogLoss,
  type StackedHead,
  stackViews,
} from "@engraft/core/internal";

/** What was learned: everything that a stack is made of. */
type Learned = Pick<FittedViews, "views" | "outOfFold" | "targets">;

/** A stack of some views, what it is made of, and its log-loss out of the folds. */
export interface Stacked<F extends Learned> {
  readonly head: StackedHead;
  readonly fitted: F;
  readonly logLoss: number;
}

/** Stacks the views of these names, and says how good that is out of their folds. */
export function stackOf<F extends Learned>(all: F, names: ReadonlySet<string>): Stacked<F> {
  const fitted = thoseOf(all, names);
  const head = stackViews(fitted, names);
  return { head, fitted, logLoss: heldOutLoss(head, fitted) };
}

/** The views of these names alone. */
function thoseOf<F extends Learned & { readonly folds?: FittedViews["folds"] }>(
  all: F,
  names: ReadonlySet<string>,
): F {
  const chosen = [...all.views.keys()].filter((index) => names.has(all.views[index]!.recipe.name));
  const only = <T>(values: readonly T[]): T[] => chosen.map((index) => values[index]!);
  return {
    ...all,
    views: only(all.views),
    outOfFold: only(all.outOfFold),
    ...(all.folds && { folds: only(all.folds) }),
  };
}

/** Mean log-loss of a stack of all views, out of their folds. */
function heldOutLoss({ weights }: StackedHead, { outOfFold, targets }: Learned): number {
  const rows = outOfFold[0]!.rows;
  const pooled = combineLogProbabilities(
    outOfFold.map(({ logProbabilities }) => logProbabilities),
    weights,
  );
  return meanLogLoss(pooled, gather(targets, rows), undefined, labelSmoothing(rows.length));
}
