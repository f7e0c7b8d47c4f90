import {
  allNames,
  createNameGenerator,
  findWeights,
  type Graph,
  isParameterName,
  isPlainName,
  type LeftOut,
  type Model,
  type Node,
  renameValues,
  type Tensor,
  type WeightUse,
  withoutCast,
} from "@engraft/onnx";
import { ModulePaths, scopeOfName, scopeOfNode } from "../weights/weight-names.js";

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
  /** Floats that are not trained, and why. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Finds the weights of a normalised model ({@link findWeights}) and gives each a dotted name.
 *
 * PyTorch's parameters keep their names; `onnx::MatMul_123`, Keras' `model/dense/MatMul/ReadVariableOp:0`
 * and the like are named after their layer's bias or the node that reads them.
 */
export function discoverWeights(normal: Model): Discovered {
  const { model, weights: uses, leftOut } = findWeights(normal);
  const { graph } = model;
  const namer = new WeightNamer(graph);
  const fresh = createNameGenerator(() => allNames(graph));
  const weights: FoundWeight[] = [];
  const renames = new Map<string, string>();
  for (const use of uses) {
    const { kind, tensor } = use;
    if (tensor.dtype !== "float32") continue;
    const wanted = namer.nameOf(use);
    const name = wanted === use.name ? wanted : fresh(wanted);
    if (name !== use.name) renames.set(use.name, name);
    weights.push({ name, kind, tensor });
  }
  return { model: { ...model, graph: renameValues(graph, renames) }, weights, leftOut };
}

/** Finds out what the weights of a graph are called in the modules that it was exported from. */
class WeightNamer {
  readonly #modules: ModulePaths;
  readonly #readers = new Map<string, Node[]>();
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#modules = ModulePaths.ofNames(graph.initializers.keys());
    for (const node of graph.nodes) {
      for (const input of node.inputs) {
        const readers = this.#readers.get(input);
        if (readers === undefined) this.#readers.set(input, [node]);
        else readers.push(node);
      }
    }
  }

  nameOf({ node, position, role, name }: WeightUse): string {
    if (isParameterName(name)) return withoutCast(name);
    // Where other nodes lie between, the node that it ends in tells less than a name that was chosen.
    if (node.inputs[position] !== name && isPlainName(name)) return name;
    const sibling = this.#biasBeside(node);
    if (sibling !== undefined) return sibling.replace(/bias$/, "weight");
    const scope = scopeOfNode(node, this.#modules) || scopeOfName(name);
    if (scope === "" && isPlainName(name)) return name;
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
