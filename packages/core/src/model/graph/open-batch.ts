import {
  type Graph,
  inferTypes,
  type Model,
  type Node,
  normalize,
  numbersOf,
  OnnxError,
  type Tensor,
  tensorOf,
  typeOfValue,
  type ValueInfo,
} from "@engraft/onnx";
import { freshBatchName, nameAxes } from "./name-axes.js";

/** A size that no axis of a model has by chance. */
const PROBE = 7919;

/**
 * A normalised model that takes batches of any size, where its exporter has fixed the size (mostly at
 * 1) and nothing but that stands against it. Otherwise it is the model, normalised.
 */
export function openBatch(model: Model): Model {
  const named = nameAxes(model);
  const fixed = named.graph.inputs[0]?.type.shape?.[0];
  if (typeof fixed !== "number") return normalize(named);
  const batch = freshBatchName(named.graph);
  const opened = openReshapes(normalize(withOpenInputs(named, fixed, batch)), fixed, batch);
  return takesAnyBatch(opened, batch) ? opened : normalize(named);
}

/** The first size of the inputs by a name; what the file says of other values may be wrong now. */
export function withOpenInputs(model: Model, fixed: number, batch: string): Model {
  const { graph } = model;
  const open = ({ name, type }: ValueInfo): ValueInfo => {
    const [size, ...rest] = type.shape ?? [];
    return size === fixed ? { name, type: { ...type, shape: [batch, ...rest] } } : { name, type };
  };
  const unknown = ({ name, type }: ValueInfo): ValueInfo => ({
    name,
    type: { ...type, shape: undefined },
  });
  const inputs = graph.inputs.map(open);
  const outputs = graph.outputs.map(unknown);
  return { ...model, graph: { ...graph, inputs, outputs, valueTypes: new Map() } };
}

/** Reshapes to `[1, 512]` become `[0, 512]`, which leaves the first size as it is. */
function openReshapes(model: Model, fixed: number, batch: string): Model {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.map((node) => {
    const shape = fixedShape(graph, node, fixed, batch);
    if (shape === undefined) return node;
    const [input = "", name = ""] = node.inputs;
    const open = `${name}/open`;
    initializers.set(open, tensorOf("int64", shape.dims, [0, ...numbersOf(shape).slice(1)]));
    return { ...node, inputs: [input, open] };
  });
  if (nodes.every((node, index) => node === graph.nodes[index])) return model;
  // Only now the sizes above are known.
  const typed = inferTypes({ ...model, graph: { ...graph, nodes, initializers } });
  return openReshapes(typed, fixed, batch);
}

function fixedShape(
  graph: Graph,
  node: Node,
  fixed: number,
  batch: string,
): Tensor<"int64"> | undefined {
  if (node.opType !== "Reshape" || node.attributes.has("allowzero")) return undefined;
  const [input = "", name = ""] = node.inputs;
  const shape = graph.initializers.get(name) as Tensor<"int64"> | undefined;
  const isOpen = typeOfValue(graph, input)?.shape?.[0] === batch;
  return isOpen && shape?.data[0] === BigInt(fixed) ? shape : undefined;
}

function takesAnyBatch(model: Model, batch: string): boolean {
  try {
    const { outputs } = inferTypes(model, { dims: { [batch]: PROBE } }).graph;
    return outputs.every(({ type }) => type.shape?.[0] === PROBE);
  } catch (error) {
    if (error instanceof OnnxError) return false;
    throw error;
  }
}
