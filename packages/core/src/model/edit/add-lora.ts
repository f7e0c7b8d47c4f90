import { inferTypes } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import { createRandom } from "../../random/random.js";
import type { FoundWeight } from "../graph/discover.js";
import type { Weight } from "../weights/weight.js";
import { addLowRank } from "./low-rank.js";
import { changeParts, type ModelParts, ownWeight } from "./parts.js";

/**
 * Adds low-rank weights to those of some weights that are matrices, and freezes these.
 *
 * @throws UsageError when none of them is one.
 */
export function addLora(
  parts: ModelParts,
  chosen: readonly Weight[],
  rank: number,
  seed: number,
): ModelParts {
  if (!Number.isSafeInteger(rank) || rank < 1) {
    throw new UsageError(`The rank of LoRA is ${rank}; expected a whole number of at least 1.`);
  }
  const thin = new Set(parts.lowRank.flatMap(({ trainable }) => trainable));
  const names = new Set(chosen.flatMap(({ name }) => (thin.has(name) ? [] : [name])));
  const random = createRandom(seed).derive("lora");
  const added = addLowRank(parts.onnx, rank, random, (name) => names.has(name));
  const { initializers } = added.model.graph;
  const weights = added.trainable.map((name) => {
    const tensor = initializers.get(name) as FoundWeight["tensor"];
    return ownWeight({ name, kind: "parameter", tensor }, parts.flags);
  });
  if (weights.length === 0) {
    throw new UsageError(
      "Nothing that was chosen is a matrix that low-rank weights can be added to: the weight of " +
        "MatMul, Gemm or 1x1 Conv nodes alone that has none yet.",
    );
  }
  const adapted = new Set(added.adapted);
  for (const weight of chosen) if (adapted.has(weight.name)) weight.trainable = false;
  for (const weight of weights) weight.trainable = true;
  return changeParts(parts, {
    onnx: inferTypes(added.model),
    weights: [...parts.weights, ...weights],
    lowRank: [...parts.lowRank, added],
  });
}
