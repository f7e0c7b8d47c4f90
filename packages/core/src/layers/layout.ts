import { type Graph, intsAttribute, type Node, typeOfValue } from "@engraft/onnx";

/**
 * Where the channels of a value are: axis 1, as in [batch, channel, height, width], or the last axis, as
 * in [batch, height, width, channel] and [batch, token, channel].
 */
export type Layout = "channels-first" | "channels-last";

/** Where the channels are in what an operator gives. */
const GIVEN: ReadonlyMap<string, Layout> = new Map([
  ["MatMul", "channels-last"],
  ["Gemm", "channels-last"],
  ["LayerNormalization", "channels-last"],
  ["RMSNormalization", "channels-last"],
  ["Gather", "channels-last"],
  ["Conv", "channels-first"],
  ["ConvTranspose", "channels-first"],
  ["BatchNormalization", "channels-first"],
  ["GroupNormalization", "channels-first"],
  ["InstanceNormalization", "channels-first"],
  ["MaxPool", "channels-first"],
  ["AveragePool", "channels-first"],
  ["GlobalAveragePool", "channels-first"],
  ["GlobalMaxPool", "channels-first"],
]);

/**
 * Follows where the channels are through a graph: from the operators that tell, over transpositions,
 * and over everything else that leaves the axes as they are.
 */
export class LayoutFinder {
  readonly #graph: Graph;
  readonly #producers = new Map<string, Node>();
  readonly #inputs: Layout | undefined;
  readonly #found = new Map<string, Layout | undefined>();

  /** @param inputs - Layout of the graph's inputs, where it is known. */
  constructor(graph: Graph, inputs: Layout | undefined) {
    this.#graph = graph;
    this.#inputs = inputs;
    for (const node of graph.nodes) {
      for (const output of node.outputs) this.#producers.set(output, node);
    }
    // In the order of the graph, so that deep graphs need no deep recursion.
    for (const { outputs } of graph.nodes) for (const output of outputs) this.of(output);
  }

  /** Undefined where nothing tells. */
  of(value: string): Layout | undefined {
    if (this.#found.has(value)) return this.#found.get(value);
    const node = this.#producers.get(value);
    const isInput = this.#graph.inputs.some(({ name }) => name === value);
    const layout =
      node === undefined ? (isInput ? this.#inputs : undefined) : this.#after(node, value);
    this.#found.set(value, layout);
    return layout;
  }

  #after(node: Node, output: string): Layout | undefined {
    const given = GIVEN.get(node.opType);
    if (given !== undefined) return given;
    if (node.opType === "Transpose") return this.#transposed(node);
    for (const input of node.inputs) {
      const layout = this.of(input);
      if (layout !== undefined && this.#isKept(layout, input, output)) return layout;
    }
    return undefined;
  }

  #transposed(node: Node): Layout | undefined {
    const perm = intsAttribute(node, "perm") ?? [];
    const last = perm.length - 1;
    const layout = this.of(node.inputs[0]!);
    // Nothing tells what goes in: of maps there are two transpositions that people write.
    if (layout === undefined) {
      if (perm.join() === "0,3,1,2") return "channels-first";
      return perm.join() === "0,2,3,1" ? "channels-last" : undefined;
    }
    const axis = perm.indexOf(layout === "channels-first" ? 1 : last);
    if (axis === 1) return last === 1 ? layout : "channels-first";
    return axis === last ? "channels-last" : undefined;
  }

  /** Whether the axis of the channels stays where it is: the rank does, or the sizes do. */
  #isKept(layout: Layout, input: string, output: string): boolean {
    const [before, after] = [input, output].map((name) => typeOfValue(this.#graph, name)?.shape);
    if (before === undefined || after === undefined) return false;
    const at = layout === "channels-first" ? 1 : -1;
    const isReshape = this.#producers.get(output)?.opType === "Reshape";
    if (before.length === after.length && !isReshape) return true;
    return typeof before.at(at) === "number" && before.at(at) === after.at(at);
  }
}
