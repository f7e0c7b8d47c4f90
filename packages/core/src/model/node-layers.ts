import { type Graph, type Node, typeOfValue } from "@engraft/onnx";
import { scopeOf } from "./discover.js";

/** Which layer each node belongs to, and what each layer gives. */
export class NodeLayers {
  readonly #graph: Graph;
  readonly #pathOf: ReadonlyMap<Node, string>;

  /**
   * @param weightLayers - Layer of each weight, by initializer.
   * @param given - Layer of nodes that were written for new layers, by first output.
   */
  constructor(
    graph: Graph,
    weightLayers: ReadonlyMap<string, string>,
    given: ReadonlyMap<string, string>,
  ) {
    const scopes = [...new Set(weightLayers.values())].flatMap(withParents);
    const known = new Set([...scopes, ...given.values()]);
    this.#graph = graph;
    this.#pathOf = new Map(
      graph.nodes.flatMap((node) => {
        const path = given.get(node.outputs[0]!) ?? weightLayerOf(node, weightLayers);
        if (path !== undefined) return [[node, path] as const];
        const scope = withParents(scopeOf(node, scopes)).find((parent) => known.has(parent));
        return scope === undefined ? [] : [[node, scope] as const];
      }),
    );
  }

  /** Layers that nodes belong to, in the order of the graph. */
  get paths(): string[] {
    return [...new Set(this.#graph.nodes.flatMap((node) => this.#pathOf.get(node) ?? []))];
  }

  /** The value that a layer gives: that of its last node. Undefined where it has no node. */
  outputOf(path: string): string | undefined {
    return this.#nodesIn(path).at(-1)?.outputs[0];
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

  #nodesIn(path: string): Node[] {
    return this.#graph.nodes.filter((node) => {
      const own = this.#pathOf.get(node);
      return own !== undefined && (own === path || own.startsWith(`${path}.`));
    });
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
