import { cut, type Model, prune, readsOf } from "@engraft/onnx";
import type { BaseSpec } from "../bases/spec.js";
import { UsageError } from "../errors.js";
import type { TrainableSet } from "./config.js";

/**
 * Names of the weights of a base that are trained. Running statistics of batch normalisations are
 * not: tuned on few examples they would be worse than those of the pretraining.
 */
export function trainableWeights(
  model: Model,
  spec: BaseSpec,
  set: Exclude<TrainableSet, { kind: "lora" }>,
): string[] {
  const names = floatWeights(model);
  switch (set.kind) {
    case "all":
      return names;
    case "bias": {
      const vectors = names.filter((name) => model.graph.initializers.get(name)!.dims.length === 1);
      if (vectors.length > 0) return vectors;
      throw new UsageError(
        `Base model ${spec.id} has no biases to train. Try top:1, all or lora:8.`,
      );
    }
    case "top":
      return aboveTap(model, spec, set.blocks, names);
  }
}

/** Weights that the tap below the last blocks does not depend on. */
function aboveTap(
  model: Model,
  spec: BaseSpec,
  blocks: number,
  names: readonly string[],
): string[] {
  const values = new Set(model.graph.nodes.flatMap(({ outputs }) => outputs));
  const taps = spec.taps.filter(({ value }) => values.has(value));
  const tap = taps.at(-1 - blocks);
  if (tap === undefined) {
    throw new UsageError(
      `Base model ${spec.id} has ${taps.length - 1} blocks below its last layer, and the top ${blocks} were asked for.`,
    );
  }
  const frozen = prune(cut(model, [tap.value]).graph).initializers;
  return names.filter((name) => !frozen.has(name));
}

/** Float weights other than single numbers and running statistics. */
function floatWeights({ graph }: Model): string[] {
  const statistics = new Set(
    graph.nodes.flatMap((node) =>
      node.opType === "BatchNormalization" ? node.inputs.slice(3) : [],
    ),
  );
  const read = new Set(graph.nodes.flatMap((node) => [...readsOf(node)]));
  return Array.from(graph.initializers).flatMap(([name, { dtype, dims }]) => {
    const isWeight = dtype === "float32" && dims.length > 0 && dims.some((size) => size > 1);
    return isWeight && read.has(name) && !statistics.has(name) ? [name] : [];
  });
}
