import { mapSubgraphs } from "../infer/subgraphs.js";
import { type AttributeInput, createNode } from "../ir/build.js";
import type { Graph, Model, Node, Shape, TensorType } from "../ir/graph.js";
import { createNameGenerator } from "../ir/names.js";
import { isSameList } from "../ir/same.js";
import { someNode } from "../ir/scope.js";
import type { DataType, Tensor } from "../ir/tensor/tensor.js";
import { isNumericType, tensorOf } from "../ir/tensor/tensor-data.js";
import { typeOfValue } from "../ir/value-types.js";
import { namesInUse } from "./names-in-use.js";

/** Replaces one node: what it adds to the rewriter takes the node's place. Adding nothing keeps it. */
export type Converter = (rewriter: NodeRewriter) => void;

/** A graph with the graphs around it: constants and types are looked up from the inside out. */
interface Scope {
  readonly graph: Graph;
  readonly outer: Scope | undefined;
  readonly fresh: (wanted: string) => string;
}

/**
 * One node that is being replaced, with what is known of its inputs, and the nodes and constants that
 * replace it. New values are named after the node's scope, and new nodes keep its metadata, so that
 * the layer that a node belongs to can still be told.
 */
export class NodeRewriter {
  readonly node: Node;
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor> = new Map();
  readonly #scope: Scope;

  constructor(node: Node, scope: Scope) {
    this.node = node;
    this.#scope = scope;
  }

  /** Name of input `index`; `""` where it is left out. */
  input(index: number): string {
    return this.node.inputs[index] ?? "";
  }

  /** Name of output `index`; `""` where it is not wanted. */
  output(index: number): string {
    return this.node.outputs[index] ?? "";
  }

  /** Type of a value, as far as the graphs state it. */
  type(name: string): TensorType | undefined {
    if (name === "") return undefined;
    for (let at: Scope | undefined = this.#scope; at !== undefined; at = at.outer) {
      const type = typeOfValue(at.graph, name);
      if (type !== undefined) return type;
    }
    return undefined;
  }

  shape(name: string): Shape | undefined {
    return this.type(name)?.shape;
  }

  /** Element type of a value; `fallback` (float32 unless given) where it is not known. */
  dtype(name: string, fallback: DataType = "float32"): DataType {
    return this.type(name)?.dtype ?? fallback;
  }

  /** The value, if it is an initializer. */
  constant(name: string): Tensor | undefined {
    for (let at: Scope | undefined = this.#scope; at !== undefined; at = at.outer) {
      const tensor = at.graph.initializers.get(name);
      if (tensor !== undefined) return tensor;
    }
    return undefined;
  }

  /** Adds a node with one output, which has a new name unless one is given, and returns that name. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    output: string = this.fresh(opType),
  ): string {
    this.ops(opType, inputs, [output], attributes);
    return output;
  }

  /** Adds a node with the given outputs. */
  ops(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): void {
    const isMain = outputs.includes(this.#mainOutput);
    const name = isMain ? this.node.name : this.#nameFor(outputs[0]!, opType);
    const node = createNode(opType, trimmed(inputs), outputs, attributes, { name });
    this.nodes.push({ ...node, metadata: this.node.metadata });
  }

  /** Adds the node itself with some parts replaced. */
  keep(changes: {
    readonly opType?: string;
    readonly domain?: string;
    readonly inputs?: readonly string[];
    readonly outputs?: readonly string[];
    readonly attributes?: Readonly<Record<string, AttributeInput | undefined>>;
  }): void {
    const { attributes = {}, ...parts } = changes;
    const merged = new Map(this.node.attributes);
    const given = Object.entries(attributes).filter((entry) => entry[1] !== undefined);
    for (const name of Object.keys(attributes)) merged.delete(name);
    const added = createNode("", [], [], Object.fromEntries(given as [string, AttributeInput][]));
    for (const [name, attribute] of added.attributes) merged.set(name, attribute);
    const inputs = trimmed(parts.inputs ?? this.node.inputs);
    this.nodes.push({ ...this.node, ...parts, inputs, attributes: merged });
  }

  /** Adds a constant, named like `origin` if that is given, and returns its name. */
  tensor(tensor: Tensor, origin?: string): string {
    const name = origin === undefined ? this.fresh("constant") : this.#scope.fresh(origin);
    this.initializers.set(name, tensor);
    return name;
  }

  /** Adds an int64 constant with one axis. */
  ints(values: readonly number[]): string {
    return this.tensor(tensorOf("int64", [values.length], values));
  }

  /** Adds a scalar of the element type of a value. */
  scalarLike(name: string, value: number): string {
    const dtype = this.dtype(name);
    return this.tensor(tensorOf(isNumericType(dtype) ? dtype : "float32", [], [value]));
  }

  /** Adds a `Split` into parts of these sizes and returns their names. */
  split(value: string, sizes: readonly number[], axis: number): string[] {
    const outputs = sizes.map(() => this.fresh("Split"));
    this.ops("Split", [value, this.ints(sizes)], outputs, { axis });
    return outputs;
  }

  /** A name that nothing has, in the scope of the node: `/encoder/Softmax` makes `/encoder/Reshape`. */
  fresh(kind: string): string {
    const label = this.node.name || this.#mainOutput;
    const scope = label.includes("/") ? label.slice(0, label.lastIndexOf("/")) : label;
    return this.#scope.fresh(`${scope}/${kind}`);
  }

  get #mainOutput(): string {
    return this.node.outputs.find((output) => output !== "") ?? "";
  }

  /** A node is called like the new value it makes; one that makes a result needs a name of its own. */
  #nameFor(output: string, opType: string): string {
    return this.node.outputs.includes(output) ? this.fresh(opType) : output;
  }
}

/** Optional inputs at the end that are left out need no place. */
function trimmed(inputs: readonly string[]): readonly string[] {
  const length = inputs.findLastIndex((input) => input !== "") + 1;
  return inputs.slice(0, length);
}

/**
 * Applies converters to the nodes of a graph and its subgraphs. Returns the same model when no node
 * was replaced.
 */
export function rewriteNodes(
  model: Model,
  converterOf: (node: Node) => Converter | undefined,
): Model {
  // Most models have nothing to replace.
  if (!someNode(model.graph, (node) => converterOf(node) !== undefined)) return model;
  const fresh = createNameGenerator(() => namesInUse(model.graph));
  const graph = visit(model.graph, undefined);
  return graph === model.graph ? model : { ...model, graph };

  function visit(graph: Graph, outer: Scope | undefined): Graph {
    const scope: Scope = { graph, outer, fresh };
    const initializers = new Map(graph.initializers);
    const nodes = graph.nodes.flatMap((node) => {
      const inside = (successor: Node): Node =>
        mapSubgraphs(successor, (inner) => visit(inner, scope));
      const converter = converterOf(node);
      if (converter === undefined) return inside(node);
      const rewriter = new NodeRewriter(node, scope);
      converter(rewriter);
      for (const [name, tensor] of rewriter.initializers) initializers.set(name, tensor);
      return rewriter.nodes.length > 0 ? rewriter.nodes.map(inside) : inside(node);
    });
    return isSameList(graph.nodes, nodes) ? graph : { ...graph, nodes, initializers };
  }
}
