import { intAttribute } from "../../ir/attributes.js";
import type { Graph, Node, Shape, TensorType } from "../../ir/graph.js";
import { producersOf, readersOf } from "../../ir/scope.js";
import { dataTypeCodes } from "../../ir/tensor/data-type-codes.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { numbersOf } from "../../ir/tensor/tensor-data.js";
import { typeOfValue } from "../../ir/value-types.js";

/** Who makes and who reads each value of a graph, for following patterns through it. */
export class GraphIndex {
  readonly graph: Graph;
  // Both are collected when they are first asked for: most graphs have no pattern to follow.
  #producers: ReadonlyMap<string, Node> | undefined;
  #readers: ReadonlyMap<string, readonly Node[]> | undefined;
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.graph = graph;
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
  }

  /** The node that computes a value, if it is of the ONNX domain. */
  producer(name: string): Node | undefined {
    this.#producers ??= producersOf(this.graph.nodes);
    const node = this.#producers.get(name);
    return node?.domain === "" ? node : undefined;
  }

  readers(name: string): readonly Node[] {
    this.#readers ??= readersOf(this.graph.nodes);
    return this.#readers.get(name) ?? [];
  }

  type(name: string): TensorType | undefined {
    return typeOfValue(this.graph, name);
  }

  shape(name: string): Shape | undefined {
    return this.type(name)?.shape;
  }

  /** The value that a chain of casts between float types starts from, and the casts. */
  beforeCasts(name: string): { readonly name: string; readonly casts: readonly Node[] } {
    const casts: Node[] = [];
    let current = name;
    while (casts.length < this.graph.nodes.length) {
      const node = this.producer(current);
      if (node === undefined || !isFloatCast(node)) break;
      casts.push(node);
      current = node.inputs[0]!;
    }
    return { name: current, casts };
  }

  constant(name: string): Tensor | undefined {
    return this.graph.initializers.get(name);
  }

  /** The value of a constant of one element. */
  scalar(name: string): number | undefined {
    const tensor = this.constant(name);
    if (tensor?.data.length !== 1 || tensor.dtype === "string") return undefined;
    return numbersOf(tensor)[0];
  }

  /** Whether nothing but these nodes needs what they compute, the root's result apart. */
  isEnclosed(nodes: ReadonlySet<Node>, root: Node): boolean {
    return Array.from(nodes).every(
      (node) =>
        node === root ||
        node.outputs.every(
          (output) =>
            !this.#outputs.has(output) && this.readers(output).every((reader) => nodes.has(reader)),
        ),
    );
  }
}

const floatCodes: readonly number[] = [dataTypeCodes.float32, dataTypeCodes.float64];

/** A cast to a float type; exporters of half-precision models compute statistics in a wider one. */
export function isFloatCast(node: Node): boolean {
  return node.opType === "Cast" && floatCodes.includes(intAttribute(node, "to", 0));
}
