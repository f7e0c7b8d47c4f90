import { OnnxError } from "../../errors.js";
import type { Dim, Graph, Model, Shape, TensorType, ValueInfo } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { printType } from "../../ir/print.js";
import { allNames, definitionsOf } from "../../ir/scope.js";
import { typeOfValue } from "../../ir/value-types.js";
import { mergeOpsets } from "./opsets.js";
import { renameValues } from "./rename-values.js";
import { replaceOutputs } from "./replace-outputs.js";
import { unknownName } from "./unknown-name.js";

/** How a fragment is appended. */
export interface AppendOptions {
  /**
   * Whether the fragment's outputs replace the model's (the default) or come after them. Names that
   * the model has already are made unique, so find an appended output by its position from the end.
   */
  readonly outputs?: "replace" | "keep";
}

/**
 * Puts a graph on top of a model: `append(base, head, { features: "pooled" })` feeds the value
 * `pooled` of the base into the input `features` of the head. Inputs that are not connected become
 * inputs of the result. Symbolic sizes of a connected input take the model's names. A fragment that
 * is a bare graph is taken to be written in the model's operator sets.
 *
 * @throws OnnxError `onnx/unknown-name` when a connection names an input or value that is not there,
 * `onnx/invalid-graph` when the types of a connection do not fit, `onnx/unsupported` when both sides
 * use different versions of an operator set.
 */
export function append(
  model: Model,
  fragment: Model | Graph,
  connections: Readonly<Record<string, string>>,
  options: AppendOptions = {},
): Model {
  const base = model.graph;
  const addition: Model = "graph" in fragment ? fragment : { ...model, graph: fragment };
  const connected = new Map(Object.entries(connections));
  const sizes = checkConnections(base, addition.graph, connected);

  const fresh = createNameGenerator(allNames(base));
  const renames = new Map(connected);
  for (const name of allNames(addition.graph)) {
    if (!connected.has(name)) renames.set(name, fresh(name));
  }
  const top = bindSizes(renameValues(addition.graph, renames), sizes);
  const joined = new Set(connected.values());
  const outputs = options.outputs === "keep" ? [...base.outputs, ...top.outputs] : top.outputs;
  const bottom = replaceOutputs(base, outputs);
  const graph: Graph = {
    ...bottom,
    nodes: [...base.nodes, ...top.nodes],
    inputs: [...base.inputs, ...top.inputs.filter((input) => !joined.has(input.name))],
    initializers: new Map([...base.initializers, ...top.initializers]),
    valueTypes: new Map([...bottom.valueTypes, ...top.valueTypes]),
  };
  return {
    ...model,
    irVersion: Math.max(model.irVersion, addition.irVersion),
    opsets: mergeOpsets(model, addition),
    graph,
  };
}

/** Checks names and types, and returns what each symbolic size of the fragment stands for. */
function checkConnections(
  base: Graph,
  fragment: Graph,
  connections: ReadonlyMap<string, string>,
): Map<string, Dim> {
  const inputs = new Map(fragment.inputs.map((input) => [input.name, input]));
  const values = definitionsOf(base);
  const sizes = new Map<string, Dim>();
  for (const [inputName, valueName] of connections) {
    const input = inputs.get(inputName);
    if (input === undefined) throw unknownName("fragment input", inputName, inputs.keys());
    if (!values.has(valueName)) throw unknownName("model value", valueName, values);
    const type = typeOfValue(base, valueName);
    if (type !== undefined) connectTypes(input, valueName, type, sizes);
  }
  return sizes;
}

function connectTypes(
  input: ValueInfo,
  valueName: string,
  type: TensorType,
  sizes: Map<string, Dim>,
): void {
  const expected = input.type;
  const sameRank =
    expected.shape === undefined ||
    type.shape === undefined ||
    expected.shape.length === type.shape.length;
  let fits = expected.dtype === type.dtype && sameRank;
  expected.shape?.forEach((dim, axis) => {
    const actual = type.shape?.[axis];
    if (typeof dim === "string" && actual != null) sizes.set(dim, actual);
    if (typeof dim === "number" && typeof actual === "number" && dim !== actual) fits = false;
  });
  if (fits) return;
  throw new OnnxError(
    "onnx/invalid-graph",
    `"${valueName}" is ${printType(type)} and cannot feed the input "${input.name}", which is ${printType(expected)}.`,
    { subject: valueName },
  );
}

function bindSizes(graph: Graph, sizes: ReadonlyMap<string, Dim>): Graph {
  const bindDim = (dim: Dim): Dim => (typeof dim === "string" ? (sizes.get(dim) ?? dim) : dim);
  const bind = (type: TensorType): TensorType => {
    const shape: Shape | undefined = type.shape?.map(bindDim);
    return { ...type, shape };
  };
  const bindInfo = (info: ValueInfo): ValueInfo => ({ ...info, type: bind(info.type) });
  return {
    ...graph,
    inputs: graph.inputs.map(bindInfo),
    outputs: graph.outputs.map(bindInfo),
    valueTypes: new Map(Array.from(graph.valueTypes, ([name, type]) => [name, bind(type)])),
  };
}
