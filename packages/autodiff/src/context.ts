import {
  type AttributeInput,
  type DataType,
  dataTypeCodes,
  type GraphBuilder,
  type Node,
  type NumericDataType,
  type Shape,
  type Tensor,
  type TensorType,
  tensorOf,
} from "@engraft/onnx";
import { UnknownType } from "./errors.js";

/** What rules may ask of the graph that is being differentiated. */
export interface ForwardGraph {
  /** Type of any forward value, as far as inference knows it. */
  typeOf(value: string): TensorType | undefined;
  /** The value of a constant: an initializer that is not differentiated by. */
  constant(value: string): Tensor | undefined;
  /** The nodes that read a forward value. */
  readersOf(value: string): readonly Node[];
}

/** How a rule changes the node whose gradient it writes. */
export interface ForwardEdits {
  /** Gives the node an output that it may have and has not; returns its name. */
  extend(index: number): string;
  /** Puts nodes in the place of the node; see {@link RuleContext.rewrite}. */
  replace<Written extends Replacement>(write: (builder: GraphBuilder) => Written): Written;
}

/** What was written in the place of a node, with the value that takes the place of its output. */
export interface Replacement {
  readonly output: string;
}

/** The part of the differentiation that concerns one node; see {@link GradientRule}. */
export class RuleContext {
  readonly node: Node;
  /** Where the nodes that a rule writes go. Values of the forward graph may be read by name. */
  readonly builder: GraphBuilder;
  readonly #graph: ForwardGraph;
  readonly #gradients: ReadonlyMap<string, string>;
  readonly #wanted: ReadonlySet<string>;
  readonly #edits: ForwardEdits;

  constructor(
    node: Node,
    builder: GraphBuilder,
    graph: ForwardGraph,
    gradients: ReadonlyMap<string, string>,
    wanted: ReadonlySet<string>,
    edits: ForwardEdits,
  ) {
    this.node = node;
    this.builder = builder;
    this.#graph = graph;
    this.#gradients = gradients;
    this.#wanted = wanted;
    this.#edits = edits;
  }

  /** Name of an input's value. Only for inputs that are there: see {@link has}. */
  input(index: number): string {
    return this.node.inputs[index] ?? "";
  }

  /** Name of an output's value. */
  output(index: number = 0): string {
    return this.node.outputs[index] ?? "";
  }

  /** As {@link output}; an optional output that the node does not have is added to it. */
  furtherOutput(index: number): string {
    return this.output(index) || this.#edits.extend(index);
  }

  /**
   * Puts other nodes in the place of the node, which has one output, so that its gradient can share
   * what they compute.
   *
   * @param write - Writes them with a context of the forward graph.
   * @returns What `write` returned: its values may be read by the gradient.
   */
  rewrite<Written extends Replacement>(write: (forward: RuleContext) => Written): Written {
    return this.#edits.replace((builder) => write(this.#with(builder)));
  }

  #with(builder: GraphBuilder): RuleContext {
    return new RuleContext(
      this.node,
      builder,
      this.#graph,
      this.#gradients,
      this.#wanted,
      this.#edits,
    );
  }

  /** Whether an optional input is there. */
  has(index: number): boolean {
    return this.input(index) !== "";
  }

  /** Whether the gradient by an input is asked for. Rules need not write the others. */
  wants(index: number): boolean {
    return this.#wanted.has(this.input(index));
  }

  /** Whether the loss depends on an output. */
  hasGradient(index: number): boolean {
    return this.#gradients.has(this.output(index));
  }

  /** Gradient of the loss by an output, in the output's shape; zeros where it does not depend on it. */
  gradient(index: number = 0): string {
    const output = this.output(index);
    return this.#gradients.get(output) ?? this.zerosLike(output);
  }

  /** Gradient of the loss by any forward value behind the node; `undefined` where there is none. */
  gradientOf(value: string): string | undefined {
    return this.#gradients.get(value);
  }

  /** Adds a node with one output and returns its name. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): string {
    return this.builder.op(opType, inputs, attributes);
  }

  /** Shape of a forward value; `undefined` where not even the rank is known. */
  shape(value: string): Shape | undefined {
    return this.#graph.typeOf(value)?.shape;
  }

  /** Shape of a forward value whose sizes are all known. */
  staticShape(value: string): readonly number[] | undefined {
    const shape = this.shape(value);
    return shape?.every((dim) => typeof dim === "number") ? (shape as number[]) : undefined;
  }

  /** @throws UnknownType where the rank is not known. */
  rank(value: string): number {
    const shape = this.shape(value);
    if (shape !== undefined) return shape.length;
    throw new UnknownType(`the rank of "${value}" is not known`);
  }

  /** Element type of a forward value. @throws UnknownType where it is not known. */
  dtype(value: string): DataType {
    const type = this.#graph.typeOf(value);
    if (type !== undefined) return type.dtype;
    throw new UnknownType(`the element type of "${value}" is not known`);
  }

  /** The value of a constant; `undefined` for what is computed, fed or differentiated by. */
  constantOf(value: string): Tensor | undefined {
    return this.#graph.constant(value);
  }

  /** The nodes that read a forward value. */
  readersOf(value: string): readonly Node[] {
    return this.#graph.readersOf(value);
  }

  /** A constant without dimensions, in the element type of the node's first output. */
  scalar(value: number): string {
    return this.floats([value], []);
  }

  /** A constant in the element type of the node's first output. */
  floats(values: Iterable<number>, dims: readonly number[]): string {
    const dtype = this.dtype(this.output()) as NumericDataType;
    return this.builder.constant(tensorOf(dtype, dims, values));
  }

  /** An int64 constant with one dimension. */
  ints(values: readonly number[]): string {
    return this.builder.ints(values);
  }

  /** Sizes of a forward value as an int64 vector: a constant where they are known. */
  sizes(value: string): string {
    const shape = this.staticShape(value);
    return shape === undefined ? this.op("Shape", [value]) : this.ints(shape);
  }

  /** Zeros in the shape and element type of a forward value. */
  zerosLike(value: string): string {
    const zero = tensorOf(this.dtype(value) as NumericDataType, [1], [0]);
    return this.op("ConstantOfShape", [this.sizes(value)], { value: zero });
  }

  /** Gives a gradient the shape of a forward value of as many elements. */
  reshapeLike(gradient: string, value: string): string {
    return this.op("Reshape", [gradient, this.sizes(value)]);
  }

  /** `mask · gradient` for a boolean mask: several times faster than Where on the CPU. */
  masked(gradient: string, mask: string): string {
    return this.op("Mul", [gradient, this.asNumbers(mask)]);
  }

  /** Casts booleans (to 0 and 1) or integers to the element type of the node's first output. */
  asNumbers(value: string): string {
    return this.op("Cast", [value], { to: dataTypeCodes[this.dtype(this.output())] });
  }
}
