import { OnnxError } from "../errors.js";
import { describeNode, intAttribute, intsAttribute } from "../ir/attributes.js";
import type { Dim, Graph, Node, Shape, TensorType } from "../ir/graph.js";
import { dataTypeOfCode } from "../ir/tensor/data-type-codes.js";
import type { DataType, Tensor } from "../ir/tensor/tensor.js";
import { formatShape, unifyShape } from "./dims.js";
import type { AbstractValue } from "./value.js";
import { elementsOf } from "./value.js";

/** A node together with what is known about its inputs: all that a rule may look at. */
export class NodeView {
  readonly node: Node;
  /** Version of the operator set that the node's domain is imported with. */
  readonly opset: number;
  readonly #inputs: readonly (AbstractValue | undefined)[];
  readonly #outputsOf: (branch: Graph) => readonly AbstractValue[];

  constructor(
    node: Node,
    opset: number,
    inputs: readonly (AbstractValue | undefined)[],
    outputsOf: (branch: Graph) => readonly AbstractValue[],
  ) {
    this.node = node;
    this.opset = opset;
    this.#inputs = inputs;
    this.#outputsOf = outputsOf;
  }

  /** Whether input `index` is connected; an optional one may be left out. */
  has(index: number): boolean {
    return (this.node.inputs[index] ?? "") !== "";
  }

  type(index: number): TensorType | undefined {
    return this.#inputs[index]?.type;
  }

  shape(index: number): Shape | undefined {
    return this.type(index)?.shape;
  }

  dtype(index: number): DataType | undefined {
    return this.type(index)?.dtype;
  }

  constant(index: number): Tensor | undefined {
    return this.#inputs[index]?.constant;
  }

  /** Numbers and names in a small input tensor, as far as they are known. */
  elements(index: number): readonly Dim[] | undefined {
    return elementsOf(this.#inputs[index]);
  }

  /** What is known about the outputs of a subgraph of this node. */
  outputsOf(branch: Graph): readonly AbstractValue[] {
    return this.#outputsOf(branch);
  }

  /** The element type that an attribute names by its ONNX code. */
  dtypeAttribute(name: string, fallback?: DataType): DataType | undefined {
    const code = intAttribute(this.node, name);
    return code === undefined ? fallback : dataTypeOfCode(code);
  }

  /**
   * A list that was an attribute before operator set `since` and is input `index` from then on.
   * `"absent"` when the node does not give it, `undefined` when it is not known.
   */
  list(name: string, index: number, since: number): readonly Dim[] | "absent" | undefined {
    if (this.opset < since) return intsAttribute(this.node, name, "absent" as const);
    return this.has(index) ? this.elements(index) : "absent";
  }

  /** An axis counted from the front, checked against the rank. */
  axis(axis: number, rank: number): number {
    const normal = axis < 0 ? axis + rank : axis;
    if (normal < 0 || normal >= rank) this.reject(`an axis in [${-rank}, ${rank - 1}]`, `${axis}`);
    return normal;
  }

  /** Axes counted from the front; `undefined` while one of them is not known. */
  axes(axes: readonly Dim[], rank: number): number[] | undefined {
    const normal: number[] = [];
    for (const axis of axes) {
      if (typeof axis !== "number") return undefined;
      normal.push(this.axis(axis, rank));
    }
    if (new Set(normal).size < normal.length) {
      this.reject("axes that are all different", `axes ${axes.join(", ")}`);
    }
    return normal;
  }

  /** Element type that all the given inputs share; checks those that are known. */
  sameDtype(indices: readonly number[]): DataType | undefined {
    let dtype: DataType | undefined;
    for (const index of indices) {
      const other = this.dtype(index);
      if (other === undefined) continue;
      if (dtype !== undefined && dtype !== other) {
        this.reject(`inputs of one element type (${dtype})`, `input ${index} of ${other}`);
      }
      dtype = other;
    }
    return dtype;
  }

  /** Checks the rank of an input, where it is known. */
  requireRank(index: number, minimum: number, maximum: number = minimum): Shape | undefined {
    const shape = this.shape(index);
    if (shape !== undefined && (shape.length < minimum || shape.length > maximum)) {
      const range = maximum === minimum ? `${minimum}` : `${minimum} to ${maximum}`;
      const bound = maximum === Number.POSITIVE_INFINITY ? `${minimum} or more` : range;
      this.reject(`input ${index} of rank ${bound}`, formatShape(shape));
    }
    return shape;
  }

  /** Checks the size of an axis of an input, where both are known. */
  requireShape(index: number, expected: Shape): void {
    const shape = this.shape(index);
    if (shape !== undefined && unifyShape(shape, expected) === undefined) {
      this.reject(`input ${index} of shape ${formatShape(expected)}`, formatShape(shape));
    }
  }

  /** The node contradicts its operator's definition. */
  reject(expected: string, received: string): never {
    throw new OnnxError(
      "onnx/invalid-graph",
      `In ${describeNode(this.node)} (opset ${this.opset}): expected ${expected}, received ${received}. Inputs: ${this.#describeInputs()}. Correct the node, or the shapes that the graph declares.`,
      { subject: this.node.name || (this.node.outputs[0] ?? this.node.opType) },
    );
  }

  #describeInputs(): string {
    const inputs = this.node.inputs.map((name, index) => {
      const type = this.type(index);
      if (name === "") return "none";
      return type === undefined
        ? `${name}: unknown`
        : `${name}: ${type.dtype} ${formatShape(type.shape)}`;
    });
    return inputs.length === 0 ? "none" : inputs.join(", ");
  }
}
