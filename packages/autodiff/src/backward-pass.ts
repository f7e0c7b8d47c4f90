import {
  allNames,
  describeNode,
  freshPrefix,
  type Graph,
  GraphBuilder,
  type Node,
  readsOf,
  type Shape,
  type Tensor,
  type TensorType,
} from "@engraft/onnx";
import { sumToShape } from "./broadcasting.js";
import { type ForwardGraph, type Replacement, RuleContext } from "./context.js";
import { type Obstacle, UnknownType, UnsupportedForm } from "./errors.js";
import type { GradientPath } from "./gradient-path.js";
import { findGradient, operatorKey } from "./registry.js";
import type { OperatorGradient } from "./rule.js";

type Rule = Extract<OperatorGradient, { kind: "rule" }>;

/** A node of the backward graph, with the forward node whose gradient it serves. */
export interface BackwardNode {
  readonly node: Node;
  /** Position of that forward node in the forward graph. */
  readonly origin: number;
}

/** The gradient of every value on the path, and the nodes that compute it. */
export interface BackwardPass {
  readonly nodes: readonly BackwardNode[];
  /** Constants of these nodes and of those that take the place of forward nodes. */
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Name of the gradient by each value that the loss depends on. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Forward nodes that were given further outputs or written anew, as they are then. */
  readonly rewritten: ReadonlyMap<Node, readonly Node[]>;
  /** Nodes on the path that have no rule, or a form that their rule refuses. */
  readonly obstacles: readonly Obstacle[];
}

/**
 * Walks the path from the loss back to the weights. Each node's rule turns the gradients by its
 * outputs into contributions to the gradients by its inputs; a value that several nodes read gets
 * the sum.
 */
export function runBackward(graph: Graph, path: GradientPath, loss: string): BackwardPass {
  return new Walk(graph, path, loss).run();
}

class Walk {
  readonly #forward: ForwardGraph;
  readonly #path: GradientPath;
  readonly #positions: ReadonlyMap<Node, number>;
  readonly #prefix: string;
  readonly #builder: GraphBuilder;
  readonly #forwardBuilder: GraphBuilder;
  readonly #rewritten = new Map<Node, readonly Node[]>();
  readonly #origins: number[] = [];
  readonly #contributions = new Map<string, string[]>();
  readonly #gradients = new Map<string, string>();
  readonly #obstacles: Obstacle[] = [];
  readonly #unknown: Obstacle[] = [];
  readonly #loss: string;

  constructor(graph: Graph, path: GradientPath, loss: string) {
    // The graph may hold gradients already.
    this.#prefix = freshPrefix("gradient", allNames(graph));
    this.#builder = new GraphBuilder(this.#prefix);
    this.#forwardBuilder = new GraphBuilder(`${this.#prefix}/forward`);
    this.#forward = forwardGraphOf(graph, path);
    this.#path = path;
    this.#positions = new Map(graph.nodes.map((node, position) => [node, position]));
    this.#loss = loss;
  }

  run(): BackwardPass {
    const seed = this.#seed();
    this.#contribute(this.#loss, seed);
    for (const node of this.#path.nodes.toReversed()) this.#visit(node);
    for (const value of this.#contributions.keys()) this.#sum(value, 0);
    return {
      nodes: this.#builder.nodes.map((node, i) => ({ node, origin: this.#origins[i]! })),
      initializers: new Map([...this.#builder.initializers, ...this.#forwardBuilder.initializers]),
      gradients: this.#gradients,
      rewritten: this.#rewritten,
      obstacles: this.#obstacles.length > 0 ? this.#obstacles.reverse() : this.#unknown.reverse(),
    };
  }

  /** The gradient of the loss by itself. */
  #seed(): string {
    const { dtype, shape } = this.#forward.typeOf(this.#loss)!;
    const dims = shape!.map(() => 1);
    const one: Tensor =
      dtype === "float64"
        ? { dtype, dims, data: Float64Array.of(1) }
        : { dtype: "float32", dims, data: Float32Array.of(1) };
    return this.#builder.constant(one);
  }

  #visit(node: Node): void {
    const position = this.#positions.get(node)!;
    for (const output of node.outputs) this.#sum(output, position);
    const entry = findGradient(node);
    if (entry?.kind === "rule") this.#apply(entry, node);
    else this.#obstacles.push(obstacleAt(node, entry?.why ?? "the operator is not known"));
    this.#claim(position);
  }

  #apply({ rule, broadcasts }: Rule, node: Node): void {
    const context = new RuleContext(
      node,
      this.#builder,
      this.#forward,
      this.#gradients,
      this.#path.values,
      {
        extend: (index) => this.#extend(node, index),
        replace: (write) => this.#replace(node, write),
      },
    );
    try {
      rule(context).forEach((gradient, index) => {
        if (gradient === undefined || !context.wants(index)) return;
        const shape = this.#shapeOf(node.outputs[0]!);
        const own = broadcasts
          ? sumToShape(context, gradient, shape, context.input(index))
          : gradient;
        this.#contribute(context.input(index), own);
      });
    } catch (error) {
      if (!(error instanceof UnsupportedForm)) throw error;
      const obstacles = error instanceof UnknownType ? this.#unknown : this.#obstacles;
      obstacles.push(obstacleAt(node, error.message));
    }
  }

  /** Gives a forward node an output that it may have and has not. */
  #extend(node: Node, index: number): string {
    const name = `${this.#prefix}/output.${this.#positions.get(node)}.${index}`;
    const [extended = node] = this.#rewritten.get(node) ?? [];
    const outputs = [...extended.outputs];
    while (outputs.length < index) outputs.push("");
    outputs[index] = name;
    this.#rewritten.set(node, [{ ...node, outputs }]);
    return name;
  }

  #replace<Written extends Replacement>(
    node: Node,
    write: (builder: GraphBuilder) => Written,
  ): Written {
    const { nodes } = this.#forwardBuilder;
    const first = nodes.length;
    const written = write(this.#forwardBuilder);
    this.#forwardBuilder.op("Identity", [written.output], {}, node.outputs[0]!);
    this.#rewritten.set(node, nodes.slice(first));
    return written;
  }

  /** Turns the contributions to a value into its gradient, once nothing more can come. */
  #sum(value: string, position: number): void {
    const parts = this.#contributions.get(value);
    if (parts === undefined || this.#gradients.has(value)) return;
    const total = parts.reduce((sum, part) => this.#builder.op("Add", [sum, part]));
    this.#gradients.set(value, total);
    this.#claim(position);
  }

  #contribute(value: string, gradient: string): void {
    const parts = this.#contributions.get(value);
    if (parts === undefined) this.#contributions.set(value, [gradient]);
    else parts.push(gradient);
  }

  /** Notes for which forward node the newest nodes were written. */
  #claim(position: number): void {
    while (this.#origins.length < this.#builder.nodes.length) this.#origins.push(position);
  }

  #shapeOf(value: string): Shape | undefined {
    return this.#forward.typeOf(value)?.shape;
  }
}

function obstacleAt(node: Node, reason: string): Obstacle {
  return { node: describeNode(node), operator: operatorKey(node.domain, node.opType), reason };
}

/** Types and constants by name. Weights on the path are variables, not constants. */
function forwardGraphOf(graph: Graph, path: GradientPath): ForwardGraph {
  const types = new Map<string, TensorType>(graph.valueTypes);
  for (const { name, type } of [...graph.inputs, ...graph.outputs]) types.set(name, type);
  for (const [name, { dtype, dims }] of graph.initializers) {
    types.set(name, { dtype, shape: dims });
  }
  return {
    typeOf: (value) => types.get(value),
    constant: (value) => (path.values.has(value) ? undefined : graph.initializers.get(value)),
    readersOf: (value) => graph.nodes.filter((node) => readsOf(node).includes(value)),
  };
}
