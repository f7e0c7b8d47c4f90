import type { Design } from "./design.js";
import { type FoldedLabels, type FoldFits, fitFolds } from "./fold-fits.js";
import type { LinearModel } from "./linear-model.js";
import type { LogisticOptions } from "./logistic.js";

/** Held-out loss at one strength of the regularisation. */
export interface LossAtC {
  readonly c: number;
  /** Weighted mean log-loss of the held-out rows, with `labelSmoothing`. */
  readonly loss: number;
}

export interface GridSearchOptions extends LogisticOptions {
  /** Folds whose rows are held out, by turns. */
  readonly heldOut: readonly number[];
  /** Strengths of the regularisation, increasing. */
  readonly grid: readonly number[];
  /** Index on the grid to start at. Default: its middle. */
  readonly from?: number;
  /** Whether larger values of C are tried first (1, the default) or smaller ones (-1). */
  readonly direction?: 1 | -1;
  /** Where the first fit of each fold starts. Default: all zero. */
  readonly starts?: readonly LinearModel[];
}

/**
 * Looks for the C of a grid with the least held-out loss. Along the grid the loss falls to one
 * minimum and rises again, so that it is enough to go downhill from any value. Each fit starts at the
 * solution for the C before.
 */
export async function searchGrid(
  design: Design,
  labels: FoldedLabels,
  options: GridSearchOptions,
): Promise<{ best: FoldFits; losses: LossAtC[] }> {
  const { heldOut, grid, from = Math.floor(grid.length / 2), direction = 1, starts } = options;
  let best = await fitFolds(design, labels, heldOut, grid[from]!, starts, options);
  const losses = [{ c: best.c, loss: best.loss }];
  for (const step of [direction, -direction]) {
    for (let index = from + step; index >= 0 && index < grid.length; index += step) {
      const fits = await fitFolds(design, labels, heldOut, grid[index]!, best.models, options);
      losses.push({ c: fits.c, loss: fits.loss });
      if (fits.loss >= best.loss) break;
      best = fits;
    }
    if (best.c !== grid[from]) break;
  }
  return { best, losses: losses.sort((a, b) => a.c - b.c) };
}
