import {
  allNames,
  createNameGenerator,
  type Graph,
  type Model,
  type Node,
  renameValues,
  type Tensor,
  unshareInitializers,
} from "@engraft/onnx";
import {
  isCountedName,
  isParameterName,
  isPlainName,
  scopeOfName,
  scopeOfNode,
  scopesOf,
  withoutCast,
} from "./weight-names.js";

/** A weight that was found in a graph. */
export interface FoundWeight {
  /** Dotted path; the initializer has the same name. */
  readonly name: string;
  readonly kind: "parameter" | "state";
  readonly tensor: Tensor<"float32">;
}

/** A model whose weights have dotted names. */
export interface Discovered {
  readonly model: Model;
  /** In the order in which the graph reads them. */
  readonly weights: readonly FoundWeight[];
}

/** Inputs of operators that hold weights, by position, and what such a weight is called. */
const ROLES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  Conv: { 1: "weight", 2: "bias" },
  ConvTranspose: { 1: "weight", 2: "bias" },
  Gemm: { 0: "weight", 1: "weight", 2: "bias" },
  MatMul: { 0: "weight", 1: "weight" },
  Gather: { 0: "weight" },
  GatherND: { 0: "table" },
  BatchNormalization: { 1: "weight", 2: "bias", 3: "running_mean", 4: "running_var" },
  InstanceNormalization: { 1: "weight", 2: "bias" },
  GroupNormalization: { 1: "weight", 2: "bias" },
  LayerNormalization: { 1: "weight", 2: "bias" },
  RMSNormalization: { 1: "weight" },
  PRelu: { 1: "weight" },
  Add: { 0: "bias", 1: "bias" },
  Mul: { 0: "weight", 1: "weight" },
  Expand: { 0: "weight" },
  Tile: { 0: "weight" },
  LSTM: { 1: "weight_ih", 2: "weight_hh", 3: "bias" },
  GRU: { 1: "weight_ih", 2: "weight_hh", 3: "bias" },
  RNN: { 1: "weight_ih", 2: "weight_hh", 3: "bias" },
};

/** Names, or ends of names, of what modules compute once and do not train. */
const BUFFERS = /(inv_freq|relative_coords_table|mask)$/;

/**
 * Finds the weights of a normalised model, gives each layer its own and each weight a dotted name.
 *
 * A float initializer is a weight where an operator reads it as one: a matrix that is multiplied by,
 * a kernel, a table that is looked up, the scale and shift of a normalisation, a vector that is added
 * or multiplied. What has a name as modules give it is one wherever it is read. No weights are single
 * numbers without such a name (an epsilon, a scale of attention), tables that were computed (masks,
 * angles of rotary positions), and the zeros and ones that stand for a bias or scale which a layer
 * does not have.
 *
 * PyTorch's parameters keep their names; `onnx::MatMul_123`, Keras' `model/dense/MatMul/ReadVariableOp:0`
 * and the like are named after their layer's bias or the node that reads them.
 */
export function discoverWeights(normal: Model): Discovered {
  const model = unshareInitializers(normal);
  const { graph } = model;
  const namer = new WeightNamer(graph);
  const fresh = createNameGenerator(allNames(graph));
  const found = new Map<string, FoundWeight>();
  const renames = new Map<string, string>();
  for (const [index, node] of graph.nodes.entries()) {
    for (const [position, input] of node.inputs.entries()) {
      const tensor = graph.initializers.get(input);
      if (tensor?.dtype !== "float32" || found.has(input)) continue;
      // What was shared is named after its layer now; its first name tells whether it is a parameter.
      const original = normal.graph.nodes[index]!.inputs[position]!;
      if (!isWeight({ node, position, name: input, original, tensor }, graph)) continue;
      const wanted = namer.nameOf(node, position, input);
      const name = wanted === input ? input : fresh(wanted);
      if (name !== input) renames.set(input, name);
      const isState = node.opType === "BatchNormalization" && position > 2;
      found.set(input, { name, kind: isState ? "state" : "parameter", tensor });
    }
  }
  return {
    model: { ...model, graph: renameValues(graph, renames) },
    weights: [...found.values()],
  };
}

interface Reading {
  readonly node: Node;
  readonly position: number;
  readonly name: string;
  readonly original: string;
  readonly tensor: Tensor<"float32">;
}

function isWeight(reading: Reading, { initializers }: Graph): boolean {
  const { node, position, name, original, tensor } = reading;
  if (BUFFERS.test(withoutCast(original))) return false;
  if (isCountedName(original)) {
    if (isFilled(tensor)) return false;
  } else if (isParameterName(name)) return true;
  if (tensor.dims.every((size) => size === 1)) return false;
  if (node.opType === "Add" || node.opType === "Mul") {
    return isShiftOrScale(node, tensor) && !node.inputs.every((input) => initializers.has(input));
  }
  return ROLES[node.opType]?.[position] !== undefined;
}

/** Zeros or ones, which change nothing as a bias or scale. */
function isFilled({ data }: Tensor<"float32">): boolean {
  return data.every((value) => value === data[0]);
}

/** A vector along some axis, or a table of positions that is added; tables of more axes are masks. */
function isShiftOrScale({ opType }: Node, { dims }: Tensor): boolean {
  const long = dims.filter((size) => size > 1).length;
  return long === 1 || (opType === "Add" && long === 2 && dims.length <= 3);
}

/** Finds out what the weights of a graph are called in the modules that it was exported from. */
class WeightNamer {
  readonly #scopes: ReadonlySet<string>;
  readonly #readers = new Map<string, Node[]>();
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#scopes = scopesOf(graph.initializers.keys());
    for (const node of graph.nodes) {
      for (const input of node.inputs) {
        this.#readers.set(input, [...(this.#readers.get(input) ?? []), node]);
      }
    }
  }

  nameOf(node: Node, position: number, name: string): string {
    if (isParameterName(name)) return withoutCast(name);
    const sibling = this.#biasBeside(node);
    if (sibling !== undefined) return sibling.replace(/bias$/, "weight");
    const scope = scopeOfNode(node, this.#scopes) || scopeOfName(name);
    if (scope === "" && isPlainName(name)) return name;
    const role = ROLES[node.opType]?.[position] ?? "weight";
    return scope === "" ? role : `${scope}.${role}`;
  }

  /** The named bias that is added to what a matrix or kernel without a name gives. */
  #biasBeside({ opType, inputs, outputs }: Node): string | undefined {
    const biases =
      opType === "MatMul"
        ? (this.#readers.get(outputs[0]!) ?? []).flatMap((reader) =>
            reader.opType === "Add" ? reader.inputs : [],
          )
        : opType === "Gemm" || opType === "Conv"
          ? inputs.slice(2)
          : [];
    return biases
      .filter((name) => this.#graph.initializers.has(name) && isParameterName(name))
      .map(withoutCast)
      .find((name) => name.endsWith("bias"));
  }
}
