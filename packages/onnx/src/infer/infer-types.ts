import type { Graph, Model, TensorType } from "../ir/graph.js";
import { isSameList } from "../ir/same.js";
import type { Analysis, DimBindings } from "./analyze.js";
import { analyze } from "./analyze.js";
import { mapSubgraphs } from "./subgraphs.js";

/** What is known when types are inferred. */
export interface InferTypesOptions {
  /** Sizes for named dimensions of the graph inputs: `{ batch: 8 }`. Others stay names. */
  readonly dims?: DimBindings;
}

/** Graphs whose types were inferred, with the operator sets that this was done for. */
const inferred = new WeakMap<Graph, Model["opsets"]>();

/** Constants longer than this are of no use to shapes. */
const MAX_CONSTANT = 1024;

/**
 * Infers the type of every value that it can, and returns the model with `valueTypes`, output types
 * and (where `dims` binds names) input types filled in. Named dimensions such as `batch` are followed
 * through the graph, also through the integer arithmetic by which exporters compute shapes.
 * What the graph declares fills in what cannot be inferred; a value whose operator has no rule, and
 * that the graph does not declare, stays without a type.
 *
 * @throws OnnxError `onnx/invalid-graph` when a node contradicts its operator's definition, such as a
 * MatMul of inner sizes 3 and 4; `onnx/unknown-name` when `dims` has a name that no input has.
 */
export function inferTypes(model: Model, options: InferTypesOptions = {}): Model {
  // Passes that change nothing hand their graph on, and to infer again would change nothing either.
  if (options.dims === undefined && inferred.get(model.graph) === model.opsets) return model;
  const isSmall = (input: number, output: number) => Math.max(input, output) <= MAX_CONSTANT;
  const analysis = analyze(model, options.dims ?? {}, isSmall);
  const graph = withTypes(model.graph, analysis);
  inferred.set(graph, model.opsets);
  return { ...model, graph };
}

/** The graph with the types that an analysis found, and so for its branches. */
function withTypes(graph: Graph, analysis: Analysis): Graph {
  const values = analysis.get(graph);
  if (values === undefined) return graph;
  const named = <Value extends { readonly name: string; readonly type: TensorType }>(
    value: Value,
  ): Value => ({
    ...value,
    type: values.get(value.name)?.type ?? value.type,
  });
  const inputs = graph.inputs.map(named);
  const outputs = graph.outputs.map(named);
  const elsewhere = new Set([...inputs, ...outputs].map(({ name }) => name));
  const valueTypes = new Map<string, TensorType>();
  for (const [name, { type }] of values) {
    const isInner = !elsewhere.has(name) && !graph.initializers.has(name);
    if (isInner && type !== undefined) valueTypes.set(name, type);
  }
  const nodes = graph.nodes.map((node) =>
    mapSubgraphs(node, (branch) => withTypes(branch, analysis)),
  );
  return {
    ...graph,
    nodes: isSameList(graph.nodes, nodes) ? graph.nodes : nodes,
    inputs,
    outputs,
    valueTypes,
  };
}
