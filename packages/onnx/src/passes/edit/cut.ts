import { OnnxError } from "../../errors.js";
import type { Graph, Model, ValueInfo } from "../../ir/graph.js";
import { readsOf } from "../../ir/scope.js";
import { typeOfValue } from "../../ir/value-types.js";
import { prune } from "./prune.js";
import { replaceOutputs } from "./replace-outputs.js";
import { unknownName } from "./unknown-name.js";

/**
 * The part of a model that computes the named values, which become its outputs, in that order.
 * Nodes, inputs, initializers and value types that they do not need are dropped.
 *
 * @throws OnnxError `onnx/unknown-name` when no node computes a name; `onnx/invalid-graph` when the
 * type of a value is not known (run type inference first) or no name is given.
 */
export function cut(model: Model, valueNames: readonly string[]): Model {
  const { graph } = model;
  if (valueNames.length === 0) {
    throw new OnnxError("onnx/invalid-graph", "Nothing to cut at: name at least one value.");
  }
  const computed = new Set(graph.nodes.flatMap((node) => node.outputs));
  computed.delete("");
  const outputs = Array.from(new Set(valueNames), (name) => outputFor(graph, name, computed));
  const pruned = prune(replaceOutputs(graph, outputs));
  const read = new Set(pruned.nodes.flatMap((node) => [...readsOf(node)]));
  return {
    ...model,
    graph: { ...pruned, inputs: pruned.inputs.filter((input) => read.has(input.name)) },
  };
}

function outputFor(graph: Graph, name: string, computed: ReadonlySet<string>): ValueInfo {
  if (!computed.has(name)) {
    if (graph.initializers.has(name)) throw notComputed(name, "an initializer");
    if (graph.inputs.some((input) => input.name === name)) throw notComputed(name, "an input");
    throw unknownName("value", name, computed);
  }
  const type = typeOfValue(graph, name);
  if (type !== undefined) return { name, type };
  throw new OnnxError(
    "onnx/invalid-graph",
    `The type of "${name}" is not known, and an output needs one. Run type inference on the model first.`,
    { subject: name },
  );
}

function notComputed(name: string, what: string): OnnxError {
  return new OnnxError(
    "onnx/unknown-name",
    `"${name}" is ${what} of the graph; a cut needs a value that a node computes.`,
    { subject: name },
  );
}
