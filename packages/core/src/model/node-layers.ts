import { type Graph, type Node, readsOf, typeOfValue } from "@engraft/onnx";
import { LAYER_PATH } from "../layers/assemble.js";
import { scopeOfNode } from "./weight-names.js";

/** Which layer each node belongs to, and what each layer gives. */
export class NodeLayers {
  readonly #graph: Graph;
  readonly #pathOf: ReadonlyMap<Node, string>;
  readonly #readers = new Map<string, Node[]>();

  /**
   * @param weightLayers - Layer of each weight, by initializer.
   */
  constructor(graph: Graph, weightLayers: ReadonlyMap<string, string>) {
    const scopes = new Set([...weightLayers.values()].flatMap(withParents));
    this.#graph = graph;
    this.#pathOf = new Map(
      graph.nodes.flatMap((node) => {
        const path = node.metadata.get(LAYER_PATH) ?? weightLayerOf(node, weightLayers);
        if (path !== undefined) return [[node, path] as const];
        const scope = withParents(scopeOfNode(node, scopes)).find((parent) => scopes.has(parent));
        return scope === undefined ? [] : [[node, scope] as const];
      }),
    );
    for (const node of graph.nodes) {
      for (const read of readsOf(node)) {
        this.#readers.set(read, [...(this.#readers.get(read) ?? []), node]);
      }
    }
  }

  /** Layers that nodes belong to, in the order of the graph. */
  get paths(): string[] {
    return [...new Set(this.#graph.nodes.flatMap((node) => this.#pathOf.get(node) ?? []))];
  }

  /**
   * The value that a layer gives: the last that is read outside of it or is an output of the model.
   * Undefined where it has no such value.
   */
  outputOf(path: string): string | undefined {
    const outputs = new Set(this.#graph.outputs.map(({ name }) => name));
    const isGiven = (value: string): boolean =>
      outputs.has(value) ||
      (this.#readers.get(value) ?? []).some((reader) => !this.#isIn(path, reader));
    return this.#graph.nodes
      .filter((node) => this.#isIn(path, node))
      .flatMap((node) => node.outputs)
      .findLast(isGiven);
  }

  /** Operators of the nodes of a layer itself, not of those in it, each once. */
  operatorsOf(path: string): string[] {
    const own = this.#graph.nodes.filter((node) => this.#pathOf.get(node) === path);
    return [...new Set(own.map(({ opType }) => opType))];
  }

  /** `[batch, 384]`; undefined where the layer gives nothing or the rank is not known. */
  shapeOf(path: string): readonly (number | string | null)[] | undefined {
    const output = this.outputOf(path);
    return output === undefined ? undefined : typeOfValue(this.#graph, output)?.shape;
  }

  #isIn(path: string, node: Node): boolean {
    const own = this.#pathOf.get(node);
    return own !== undefined && (own === path || own.startsWith(`${path}.`));
  }
}

function weightLayerOf(node: Node, layers: ReadonlyMap<string, string>): string | undefined {
  const weight = node.inputs.find((input) => layers.has(input));
  return weight === undefined ? undefined : layers.get(weight);
}

/** A path and everything that it is in, from the inside out. */
function withParents(path: string): string[] {
  const parts = path.split(".");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
}
