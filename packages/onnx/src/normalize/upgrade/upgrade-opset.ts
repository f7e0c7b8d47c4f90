import { inferTypes } from "../../infer/infer-types.js";
import type { Model, Node } from "../../ir/graph.js";
import { type Converter, rewriteNodes } from "../rewrite.js";
import { attributeSteps } from "./attributes.js";
import { axesSteps } from "./axes.js";
import { broadcastingSteps } from "./broadcasting.js";
import { normalizationSteps } from "./normalization.js";
import { hintSteps, removedAttributeSteps } from "./removed-attributes.js";
import { resamplingSteps } from "./resampling.js";
import { softmaxSteps } from "./softmax.js";
import type { UpgradeSteps } from "./steps.js";

const families: readonly UpgradeSteps[] = [
  hintSteps,
  removedAttributeSteps,
  broadcastingSteps,
  axesSteps,
  attributeSteps,
  softmaxSteps,
  normalizationSteps,
  resamplingSteps,
];

/** Converters by operator-set version, then by operator. */
const stepsByVersion: ReadonlyMap<number, ReadonlyMap<string, Converter>> = collectSteps();

function collectSteps(): Map<number, Map<string, Converter>> {
  const collected = new Map<number, Map<string, Converter>>();
  for (const [operator, versions] of families.flatMap((family) => Object.entries(family))) {
    for (const [version, converter] of Object.entries(versions)) {
      const step = collected.get(Number(version)) ?? new Map<string, Converter>();
      collected.set(Number(version), step.set(operator, converter));
    }
  }
  return collected;
}

/**
 * Rewrites a model of an older ONNX operator set in operator set `target`. Each version that changed
 * the form or the meaning of an operator is one step, and the steps are taken in order; versions that
 * only widened what an operator accepts need none. Types are inferred first, and a node whose
 * conversion needs more than is known of its inputs makes the upgrade fail, because its meaning would
 * change.
 *
 * @throws OnnxError `onnx/unsupported` for a node that has no counterpart in the newer set, and as
 * {@link inferTypes} does.
 */
export function upgradeOpset(model: Model, target: number): Model {
  const current = model.opsets.get("") ?? target;
  if (current > target) return model;
  const typed = inferTypes(model);
  const versions = Array.from({ length: target - current }, (_, index) => current + index + 1);
  const upgraded = versions.reduce((step, version) => {
    const converters = stepsByVersion.get(version);
    const converterOf = (node: Node) =>
      node.domain === "" ? converters?.get(node.opType) : undefined;
    return converters === undefined ? step : rewriteNodes(step, converterOf);
  }, typed);
  return { ...upgraded, opsets: new Map(upgraded.opsets).set("", target) };
}
