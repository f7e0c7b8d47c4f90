import { type Graph, type Node, readsOf, typeOfValue } from "@engraft/onnx";
import { LAYER_PATH } from "../../layers/assemble.js";
import { commonPath, layerPath, withParents } from "../weights/paths.js";
import { ModulePaths, scopeOfNode } from "../weights/weight-names.js";

/** No layer holds all readers of a value: they have no path in common, or one is in no layer. */
const NOWHERE = null;

/** Which layer each node belongs to, and what each layer gives. */
export class NodeLayers {
  readonly #graph: Graph;
  readonly #operators = new Map<string, Set<string>>();
  readonly #outputs: ReadonlyMap<string, string>;

  /**
   * @param weightLayers - Layer of each weight, by initializer.
   */
  constructor(graph: Graph, weightLayers: ReadonlyMap<string, string>) {
    this.#graph = graph;
    const pathOf = pathsOfNodes(graph, weightLayers);
    for (const [node, path] of pathOf) {
      const operators = this.#operators.get(path);
      if (operators === undefined) this.#operators.set(path, new Set([node.opType]));
      else operators.add(node.opType);
    }
    this.#outputs = outputsOfLayers(graph, pathOf);
  }

  /** Layers that nodes belong to, in the order of the graph. */
  get paths(): string[] {
    return [...this.#operators.keys()];
  }

  /**
   * The value that a layer gives: the last that is read outside of it or is an output of the model.
   * Undefined where it has no such value.
   */
  outputOf(path: string): string | undefined {
    return this.#outputs.get(path);
  }

  /** Operators of the nodes of a layer itself, not of those in it, each once. */
  operatorsOf(path: string): string[] {
    return [...(this.#operators.get(path) ?? [])];
  }

  /** `[batch, 384]`; undefined where the layer gives nothing or the rank is not known. */
  shapeOf(path: string): readonly (number | string | null)[] | undefined {
    const output = this.outputOf(path);
    return output === undefined ? undefined : typeOfValue(this.#graph, output)?.shape;
  }
}

/** The layer of each node that is in one, in the order of the graph. */
function pathsOfNodes(
  graph: Graph,
  weightLayers: ReadonlyMap<string, string>,
): ReadonlyMap<Node, string> {
  const modules = new ModulePaths([...weightLayers.values()].flatMap(withParents));
  const paths = new Map<Node, string>();
  for (const node of graph.nodes) {
    const stated = node.metadata.get(LAYER_PATH);
    const path =
      (stated === undefined ? undefined : layerPath(stated)) ??
      weightLayerOf(node, weightLayers) ??
      withParents(scopeOfNode(node, modules)).find((parent) => modules.has(parent));
    if (path !== undefined) paths.set(node, path);
  }
  return paths;
}

function weightLayerOf(node: Node, layers: ReadonlyMap<string, string>): string | undefined {
  const weight = node.inputs.find((input) => layers.has(input));
  return weight === undefined ? undefined : layers.get(weight);
}

/** The last value of each layer that is read outside of it or is an output of the model. */
function outputsOfLayers(graph: Graph, pathOf: ReadonlyMap<Node, string>): Map<string, string> {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const readIn = readersOf(graph, pathOf);
  const given = new Map<string, string>();
  for (const [node, path] of pathOf) {
    const around = withParents(path);
    for (const value of node.outputs) {
      const readers = readIn.get(value);
      if (readers === undefined && !outputs.has(value)) continue;
      const inside = typeof readers === "string" ? withParents(readers) : [];
      for (const layer of around) {
        if (outputs.has(value) || !inside.includes(layer)) given.set(layer, value);
      }
    }
  }
  return given;
}

/** The innermost layer that all readers of a value are in. */
function readersOf(
  graph: Graph,
  pathOf: ReadonlyMap<Node, string>,
): ReadonlyMap<string, string | typeof NOWHERE> {
  const readers = new Map<string, string | typeof NOWHERE>();
  for (const node of graph.nodes) {
    const path = pathOf.get(node) ?? NOWHERE;
    for (const value of readsOf(node)) {
      const known = readers.get(value);
      if (known === undefined) readers.set(value, path);
      else if (known === NOWHERE || path === NOWHERE) readers.set(value, NOWHERE);
      else readers.set(value, commonPath(known, path) ?? NOWHERE);
    }
  }
  return readers;
}
