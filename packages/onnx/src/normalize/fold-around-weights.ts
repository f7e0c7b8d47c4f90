import { inferTypes } from "../infer/infer-types.js";
import type { Graph, Model } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { prune } from "../passes/edit/prune.js";
import { foldConstants } from "../passes/fold/fold-constants.js";
import { isFloat, valuesByFloats } from "../weights/float-paths.js";

/**
 * {@link foldConstants} that leaves weights as they are, because training changes them: what is
 * computed from a weight (a transpose, a weight norm) stays computed, so that the weight keeps its name
 * and a weight that is used twice stays one.
 *
 * @throws OnnxError as `inferTypes` does.
 */
export function foldAroundWeights(model: Model): Model {
  const typed = inferTypes(model);
  const weights = weightsOf(typed.graph);
  if (weights.size === 0) return foldConstants(typed);
  // To folding, a weight looks like something that is fed.
  const fed = Array.from(weights, ([name, { dtype, dims }]) => ({
    name,
    type: { dtype, shape: dims },
  }));
  const { graph } = typed;
  const folded = foldConstants({
    ...typed,
    graph: {
      ...graph,
      inputs: [...graph.inputs, ...fed],
      initializers: new Map([...graph.initializers].filter(([name]) => !weights.has(name))),
    },
  });
  const inputs = folded.graph.inputs.filter(({ name }) => !weights.has(name));
  const initializers = inOrderOf(
    graph.initializers,
    new Map([...weights, ...folded.graph.initializers]),
  );
  return { ...folded, graph: prune({ ...folded.graph, inputs, initializers }) };
}

/** The entries of `map` in the order that their keys have in `order`; new ones come last. */
function inOrderOf<V>(order: ReadonlyMap<string, V>, map: ReadonlyMap<string, V>): Map<string, V> {
  const known = [...order.keys()].filter((name) => map.has(name));
  return new Map([...known.map((name) => [name, map.get(name)!] as const), ...map]);
}

/**
 * The initializers that an output depends on by way of floats alone, scalars apart. What feeds sizes
 * is none, even where it is a float: the scales of `Resize`, or factors in shape arithmetic.
 */
function weightsOf(graph: Graph): Map<string, Tensor> {
  const reached = valuesByFloats(graph);
  return new Map(
    [...graph.initializers].filter(
      ([name, { dtype, dims, data }]) =>
        reached.has(name) && isFloat(dtype) && dims.length > 0 && data.length > 1,
    ),
  );
}
