import { type Graph, type Node, typeOfValue } from "@engraft/onnx";
import type { Tap } from "../../bases/spec.js";
import { LayoutFinder } from "../../layers/layout.js";
import type { Layer } from "../weights/layer.js";
import type { NodeLayers } from "./node-layers.js";

/** A place where features can be read. */
export interface FoundTap extends Tap {
  /** Whether the channels of a `map` are its last axis: [batch, height, width, channel]. */
  readonly channelsLast: boolean;
}

/** The name of the tap on the last layer. */
const FEATURES = "features";

/** What stands between the last layer and the answer of a classifier. */
const ANSWERS: ReadonlySet<string> = new Set(["Softmax", "LogSoftmax", "Sigmoid", "Identity"]);

/**
 * Finds where a model can be read: the outputs of its numbered blocks (`encoder.layer.0`, `features.3`,
 * `layer1`), which are the outermost layers of one name and different numbers, and at the end
 * `features`: what the last matrix of a classifier is applied to, else the model's output.
 */
export function findTaps(root: Layer, nodes: NodeLayers, graph: Graph): FoundTap[] {
  const finder = new ValueKinds(graph);
  const [output] = graph.outputs;
  const last = output && finder.tapAt(FEATURES, finder.beforeAnswer(output.name));
  const blocks = numberedLayers(root).flatMap(({ path }) => {
    const value = nodes.outputOf(path);
    return (value === undefined ? undefined : finder.tapAt(path, value)) ?? [];
  });
  const taps = new Map<string, FoundTap>();
  const cut = last === undefined ? Number.POSITIVE_INFINITY : finder.positionOf(last.value);
  for (const tap of blocks.sort(
    (a, b) => finder.positionOf(a.value) - finder.positionOf(b.value),
  )) {
    if (finder.positionOf(tap.value) < cut) taps.set(tap.value, tap);
  }
  return [...taps.values(), ...(last === undefined ? [] : [last])];
}

/** The outermost layers that have siblings of the same name with other numbers. */
function numberedLayers({ children }: Layer): Layer[] {
  const families = new Map<string, Layer[]>();
  for (const child of children) {
    const family = withoutNumber(child.name);
    if (family === child.name) continue;
    const members = families.get(family);
    if (members === undefined) families.set(family, [child]);
    else members.push(child);
  }
  const numbered = new Set([...families.values()].filter(({ length }) => length > 1).flat());
  return children.flatMap((child) => (numbered.has(child) ? [child] : numberedLayers(child)));
}

/** The name without the digits at its end. */
function withoutNumber(name: string): string {
  let end = name.length;
  while (end > 0 && /\d/.test(name[end - 1]!)) end -= 1;
  return name.slice(0, end);
}

/** What the values of a graph are, by the nodes that compute them. */
class ValueKinds {
  readonly #graph: Graph;
  readonly #producers = new Map<string, Node>();
  readonly #positions = new Map<string, number>();
  readonly #constants = new Set<string>();
  readonly #batch: unknown;
  readonly #layouts: LayoutFinder;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#layouts = new LayoutFinder(graph, undefined);
    this.#batch = graph.inputs[0]?.type.shape?.[0];
    for (const [position, node] of graph.nodes.entries()) {
      for (const output of node.outputs) {
        this.#producers.set(output, node);
        this.#positions.set(output, position);
      }
      this.#learn(node);
    }
  }

  /** What is known of a node's values by what it reads: nodes are in topological order. */
  #learn(node: Node): void {
    const isConstant =
      node.inputs.length > 0 && node.inputs.every((name) => this.#isConstant(name));
    for (const output of node.outputs) {
      if (isConstant) this.#constants.add(output);
    }
  }

  /** Place of the node that computes a value, in the order of the graph. */
  positionOf(value: string): number {
    return this.#positions.get(value) ?? -1;
  }

  /** A tap on a value; undefined where it is not one of features for each example. */
  tapAt(name: string, value: string): FoundTap | undefined {
    const type = typeOfValue(this.#graph, value);
    const shape = type?.shape ?? [];
    const isPerExample = shape[0] === this.#batch || shape[0] === null;
    if (type?.dtype !== "float32" || !isPerExample || !this.#producers.has(value)) return undefined;
    const channelsLast = shape.length < 4 || this.#layouts.of(value) === "channels-last";
    // Sequences of channels [batch, channel, step] have no pooling of their own.
    if (shape.length === 3 && this.#layouts.of(value) !== "channels-last") return undefined;
    const width = channelsLast ? shape.at(-1) : shape[1];
    const kind = KINDS[shape.length];
    if (kind === undefined || typeof width !== "number") return undefined;
    return { name, value, kind, width, channelsLast: kind === "map" && channelsLast };
  }

  /** The input of the matrix that gives a classifier's answer; the value itself where there is none. */
  beforeAnswer(output: string): string {
    let value = output;
    for (let left = this.#graph.nodes.length; left > 0; left--) {
      const node = this.#producers.get(value);
      if (node === undefined) return output;
      const { opType, inputs } = node;
      const [variable, ...others] = inputs.filter((name) => !this.#isConstant(name));
      if (variable === undefined || others.length > 0) return output;
      const isMatrix = opType === "Gemm" || opType === "MatMul";
      if (isMatrix && inputs.some((name) => this.#isConstant(name))) return variable;
      if (opType !== "Add" && !ANSWERS.has(opType)) return output;
      value = variable;
    }
    return output;
  }

  /** A weight, or what is computed from weights alone. */
  #isConstant(name: string): boolean {
    return this.#graph.initializers.has(name) || this.#constants.has(name);
  }
}

const KINDS: Readonly<Record<number, Tap["kind"]>> = { 2: "vector", 3: "tokens", 4: "map" };
