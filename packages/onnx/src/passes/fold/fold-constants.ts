import type { Analysis, DimBindings } from "../../infer/analyze.js";
import { analyze } from "../../infer/analyze.js";
import { inferTypes } from "../../infer/infer-types.js";
import { mapSubgraphs } from "../../infer/subgraphs.js";
import type { Graph, Model, Node } from "../../ir/graph.js";
import { isSameList } from "../../ir/same.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { prune } from "../edit/prune.js";
import { inlineConditionals } from "./fold-conditionals.js";
import { removeIdentities } from "./fold-identities.js";
import { replaceNoOps } from "./fold-no-ops.js";
import { foldPads } from "./fold-pads.js";
import { foldReshapes } from "./fold-reshapes.js";

/** What is known when constants are folded, and how long they may become. */
export interface FoldConstantsOptions {
  /** Sizes for named dimensions of the graph inputs: `{ batch: 8 }`. Others stay names. */
  readonly dims?: DimBindings;
  /**
   * Longest constant that folding makes, in elements; default 2 ** 20. A result that is no longer
   * than the node's longest input is always made, so that weights can be transposed or cast.
   */
  readonly maxElements?: number;
}

/**
 * Computes now what does not depend on what is fed, and simplifies the graph around it:
 * - nodes with constant results, among them shape arithmetic over known sizes, become initializers
 *   of the same names; so does `Identity` of an initializer, because exporters merge equal weights
 *   that way and training one must not change the other;
 * - `If` with a constant condition is replaced by the branch taken;
 * - `Reshape` to named sizes gets a constant target where 0 and -1 can express it;
 * - `Identity`, and nodes that amount to it, go; graph outputs keep their names;
 * - zero padding of spatial axes moves into the `Conv` or `AveragePool` that follows;
 * - nodes and initializers that no output needs go.
 *
 * The result computes the same function for every input that fits `dims`, and has its types inferred.
 *
 * @throws OnnxError as {@link inferTypes} does.
 */
export function foldConstants(model: Model, options: FoldConstantsOptions = {}): Model {
  const { dims, maxElements = 2 ** 20 } = options;
  const isWorthwhile = (input: number, output: number) => output <= Math.max(maxElements, input);
  let current = inferTypes(model, dims === undefined ? {} : { dims });
  for (let inlined = true; inlined; ) {
    const analysis = analyze(current, {}, isWorthwhile);
    const graph = replaceConstants(current.graph, analysis);
    const next = inlineConditionals(graph);
    inlined = next !== graph;
    if (next !== current.graph) current = { ...current, graph: next };
  }
  const typed = inferTypes(current);
  const graph = foldReshapes(removeIdentities(replaceNoOps(typed.graph)));
  return inferTypes({ ...typed, graph: prune(foldPads({ ...typed, graph })) });
}

/** Turns the outputs of nodes that are constant into initializers. */
function replaceConstants(graph: Graph, analysis: Analysis): Graph {
  const values = analysis.get(graph);
  if (values === undefined) return graph;
  const initializers = new Map(graph.initializers);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const constants = constantOutputs(node, (name) => values.get(name)?.constant);
    if (constants === undefined) {
      nodes.push(mapSubgraphs(node, (branch) => replaceConstants(branch, analysis)));
    } else {
      for (const [name, tensor] of constants) initializers.set(name, tensor);
    }
  }
  return isSameList(graph.nodes, nodes) ? graph : { ...graph, nodes, initializers };
}

function constantOutputs(
  node: Node,
  constantOf: (name: string) => Tensor | undefined,
): readonly (readonly [string, Tensor])[] | undefined {
  const constants: [string, Tensor][] = [];
  for (const name of node.outputs) {
    if (name === "") continue;
    const constant = constantOf(name);
    if (constant === undefined) return undefined;
    constants.push([name, constant]);
  }
  return constants;
}
