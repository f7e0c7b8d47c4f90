import type { OutOfFold } from "../../features/labelled-features.js";
import { smallestDesign } from "./coordinates.js";
import { searchGrid } from "./grid-search.js";
import { classRowWeights, defaultGrid, type ProbeOptions } from "./probe.js";
import { fitScaling } from "./scaling.js";
import { enoughFolds } from "./thinning.js";

/** Below this, held-out losses move by about 1 %: less than what one more example changes. */
const tolerance = 1e-3;

/**
 * What probes say about rows that they have not seen, to compare features with one another. As
 * `fitProbe`, but less exact, and nothing is fitted to all rows.
 */
export async function probeHeldOut(options: ProbeOptions): Promise<OutOfFold> {
  const { features, targets, classes, folds, linearAlgebra, grid = defaultGrid, signal } = options;
  const rowWeights = classRowWeights(targets, classes, options.classWeights ?? "none");
  const labels = { targets, classes, folds, rowWeights };
  const heldOut = enoughFolds(
    labels,
    [...new Set(folds)].sort((a, b) => a - b),
  );
  const { design } = await smallestDesign(features, fitScaling(features), classes, linearAlgebra);
  const { best } = await searchGrid(design, labels, { heldOut, grid, tolerance, signal });
  return best.outOfFold;
}
