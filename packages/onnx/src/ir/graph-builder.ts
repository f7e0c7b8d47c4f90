import { type AttributeInput, createNode } from "./build.js";
import type { Node } from "./graph.js";
import type { Tensor } from "./tensor/tensor.js";

/**
 * Collects the nodes and constants of a graph fragment while naming the values, so that graphs can
 * be written down as expressions: `const z = g.op("Add", [g.op("Mul", [x, w]), b])`.
 */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor> = new Map();
  readonly #prefix: string;
  #count = 0;

  /** @param prefix - Starts every name, so that the fragment can join other graphs. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Adds a node with one output and returns the name of that output. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    output: string = this.#freshName(opType),
  ): string {
    this.nodes.push(createNode(opType, inputs, [output], attributes, { name: output }));
    return output;
  }

  /** Adds a node with `count` outputs and returns their names. */
  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.#freshName(opType));
    this.nodes.push(createNode(opType, inputs, outputs, attributes, { name: outputs[0]! }));
    return outputs;
  }

  /** Adds a float32 constant. */
  floats(values: ArrayLike<number>, dims: readonly number[]): string {
    return this.constant({ dtype: "float32", dims, data: Float32Array.from(values) });
  }

  /** Adds an int64 constant with one dimension. */
  ints(values: readonly number[]): string {
    return this.constant({
      dtype: "int64",
      dims: [values.length],
      data: BigInt64Array.from(values, BigInt),
    });
  }

  /** Adds a constant and returns its name. */
  constant(tensor: Tensor): string {
    const name = this.#freshName("constant");
    this.initializers.set(name, tensor);
    return name;
  }

  #freshName(kind: string): string {
    this.#count += 1;
    return `${this.#prefix}/${kind}.${this.#count}`;
  }
}
