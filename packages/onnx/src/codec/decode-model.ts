import type { Graph, Model } from "../ir/graph.js";
import { domainsOf, readsOf } from "../ir/scope.js";
import { findCycle, topologicalSort } from "../ir/sort.js";
import { verify } from "../verify/verify.js";
import { type DecodeOptions, decodeUnverified } from "./decode.js";

/**
 * Reads an ONNX file and checks its graph ({@link verify}): whatever is made of a file may rely on the
 * rules of ONNX. As for ONNX Runtime, the nodes of the main graph may be in any order.
 *
 * Tensors may be views into `bytes`, so leave these alone while the model is in use. An initializer
 * that is also listed as an input (a default value that callers could override; every initializer,
 * before IR version 4) becomes a constant, and the IR version is at least 4 for that reason.
 * Documentation strings, training info, quantization annotations and metadata of tensors and values
 * are left out.
 *
 * @throws OnnxError `onnx/malformed` when the bytes are no complete ONNX model, `onnx/unsupported`
 * when the model needs something that the IR cannot hold (sparse tensors, sequence, map and optional
 * types, complex and 8-bit float elements, functions that cannot be inlined); the message lists every reason;
 * `onnx/invalid-graph` when the graph breaks the rules of ONNX.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  const decoded = decodeUnverified(bytes, options);
  const model = { ...decoded, opsets: opsetsOf(decoded), graph: inOrder(decoded.graph) };
  verify(model);
  return model;
}

/** ONNX Runtime reads models that do not name the set of its own operators; there is only one. */
function opsetsOf({ opsets, graph }: Model): Model["opsets"] {
  const isMissing = !opsets.has("com.microsoft") && domainsOf(graph).has("com.microsoft");
  return isMissing ? new Map([...opsets, ["com.microsoft", 1]]) : opsets;
}

/** The graph with its nodes in topological order, which a cycle leaves as it is for `verify` to tell. */
function inOrder(graph: Graph): Graph {
  if (isOrdered(graph) || findCycle(graph.nodes) !== undefined) return graph;
  return { ...graph, nodes: topologicalSort(graph.nodes) };
}

/** Whether no node reads what one after it computes. */
function isOrdered(graph: Graph): boolean {
  const later = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    for (const output of node.outputs) later.add(output);
    for (const name of readsOf(node)) if (later.has(name)) return false;
  }
  return true;
}
