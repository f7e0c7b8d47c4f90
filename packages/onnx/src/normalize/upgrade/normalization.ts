import { intAttribute } from "../../ir/attributes.js";
import type { Converter } from "../rewrite.js";
import { cannotUpgrade, type UpgradeSteps } from "./steps.js";

const spatialStatistics: Converter = (rewriter) => {
  if (intAttribute(rewriter.node, "spatial", 1) === 0) {
    throw cannotUpgrade(rewriter, "it has statistics for every position (spatial = 0)");
  }
  if (rewriter.node.attributes.has("spatial"))
    rewriter.keep({ attributes: { spatial: undefined } });
};

/**
 * Before operator set 14 a node was in training mode where it had more than one output: the updated
 * running statistics, and the statistics of the batch, which the operator no longer gives.
 */
const trainingMode: Converter = (rewriter) => {
  const isTraining = rewriter.node.outputs.slice(1).some((output) => output !== "");
  if (!isTraining) return;
  rewriter.keep({
    outputs: rewriter.node.outputs.slice(0, 3),
    attributes: { training_mode: 1 },
  });
};

/** Scale and bias are one value a group in operator set 18, and one a channel in 21. */
const groupsToChannels: Converter = (rewriter) => {
  const channels = rewriter.shape(rewriter.input(0))?.[1];
  const groups = intAttribute(rewriter.node, "num_groups", 1);
  if (channels === groups) return;
  if (typeof channels !== "number") {
    throw cannotUpgrade(rewriter, "it depends on the number of channels, which is unknown");
  }
  const repeats = rewriter.ints([1, channels / groups]);
  const widened = [1, 2].map((index) => {
    const column = rewriter.op("Unsqueeze", [rewriter.input(index), rewriter.ints([1])]);
    return rewriter.op("Reshape", [
      rewriter.op("Tile", [column, repeats]),
      rewriter.ints([channels]),
    ]);
  });
  rewriter.keep({ inputs: [rewriter.input(0), ...widened] });
};

export const normalizationSteps: UpgradeSteps = {
  BatchNormalization: { 9: spatialStatistics, 14: trainingMode },
  GroupNormalization: { 21: groupsToChannels },
};
