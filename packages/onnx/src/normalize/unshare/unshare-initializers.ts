import type { Graph, Model, Node } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { allNames, capturedBy, producersOf, subgraphsOf } from "../../ir/scope.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { ConstantReadings, type Reading, takesPart } from "../../weights/readings.js";
import { mayBeMergedByValue } from "../merged-weights.js";
import { layerScope } from "./layer-scope.js";

/** Most elements that the copies of one weight may have together. */
const MAX_COPIED = 2 ** 26;

/** How many nodes back a weight matrix is looked for: layers are closer together. */
const MAX_NODES_BACK = 1000;

/** Readings that are one layer's use of one weight. */
interface Place {
  readonly readings: Reading[];
  /** What the weight of this place would be called: the layer's path and the part of the weight. */
  readonly name: string | undefined;
}

/**
 * Gives every layer its own copy of a weight that exporters have merged with others only because the
 * values were equal: a vector of zeros that is the bias of ten layers becomes ten vectors. Training one
 * layer must not move the others.
 *
 * What is on purpose stays shared:
 * - a tensor that is not filled with one number, such as an embedding matrix that is the output
 *   projection too: trained or random values are not equal by chance;
 * - tensors of one element and integers, which are constants rather than weights;
 * - what is read in parts, as the biases of gates are: exporters merge whole tensors;
 * - all uses by the same layer. Two readings are the same layer's when they read the initializer in
 *   the same role (operator and input, behind casts and the like), in the same scope by the exporter's names
 *   (`layerScope`), next to a common weight matrix among those nearest before the reading node;
 *   where names tell no scope, next to exactly the same matrices. So a layer that is applied twelve
 *   times, as ALBERT does, stays one layer;
 * - what a subgraph or a graph output reads, and a weight whose copies would take more than 256 MB.
 *
 * The place that the initializer is named after keeps it; copies take the names of their layers.
 */
export function unshareInitializers(model: Model): Model {
  const { graph } = model;
  const matrices = new NearestMatrices(graph);
  const fresh = createNameGenerator(() => allNames(graph));
  const initializers = new Map(graph.initializers);
  const renames = new Map<Node, string[]>();
  const readings = new ConstantReadings(graph);
  for (const name of readByNodesAlone(graph)) {
    const tensor = graph.initializers.get(name)!;
    if (readings.direct(name).length < 2 || !isWeight(tensor) || !mayBeMergedByValue(tensor))
      continue;
    const places = placesOf(name, readings, matrices);
    if (places.length * tensor.data.length > MAX_COPIED) continue;
    const owner = places.find((place) => place.name === name) ?? places[0];
    for (const place of places) {
      if (place === owner) continue;
      const copy = fresh(place.name ?? name);
      initializers.set(copy, { ...tensor, data: tensor.data.slice() } as Tensor);
      for (const { node, position } of place.readings) {
        const inputs = renames.get(node) ?? [...node.inputs];
        inputs[position] = copy;
        renames.set(node, inputs);
      }
    }
  }
  if (renames.size === 0) return model;
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: renames.get(node) ?? node.inputs }));
  return { ...model, graph: { ...graph, nodes, initializers } };
}

function isWeight({ dtype, data }: Tensor): boolean {
  return (dtype === "float32" || dtype === "float64") && data.length > 1;
}

/** The initializers that nodes of the main graph alone read. */
function readByNodesAlone(graph: Graph): string[] {
  const elsewhere = new Set(graph.outputs.map(({ name }) => name));
  for (const subgraph of graph.nodes.flatMap(subgraphsOf)) {
    for (const name of capturedBy(subgraph)) elsewhere.add(name);
  }
  return [...graph.initializers.keys()].filter((name) => !elsewhere.has(name));
}

function placesOf(name: string, readings: ConstantReadings, nearest: NearestMatrices): Place[] {
  const places: Place[] = [];
  const byMark = new Map<string, number>();
  for (const reading of readings.direct(name)) {
    const use = readings.meeting(reading);
    const scope = layerScope(reading.node);
    const marks = marksOf(use, scope, nearest.before(use.node, name));
    if (takesPart(reading)) marks.push(JSON.stringify([scope]));
    const known = marks.flatMap((mark) => byMark.get(mark) ?? []);
    if (known.length > 0) {
      places[Math.min(...known)]!.readings.push(reading);
      continue;
    }
    for (const mark of marks) byMark.set(mark, places.length);
    places.push({ readings: [reading], name: weightName(scope, use) });
  }
  return places;
}

/**
 * Readings with a mark in common are the same layer's: in a scope one for each matrix, without names
 * one for all matrices together. Without names and without matrices nothing says that it is the same
 * layer.
 */
function marksOf(
  { node, position }: Reading,
  scope: string,
  matrices: ReadonlySet<string>,
): string[] {
  const markOf = (...names: string[]) => JSON.stringify([scope, node.opType, position, ...names]);
  if (scope === "") return matrices.size === 0 ? [] : [markOf(...[...matrices].sort())];
  return matrices.size === 0 ? [markOf()] : Array.from(matrices, (matrix) => markOf(matrix));
}

/** Operators whose inputs 1 and 2 are a weight (or scale) and a bias. */
const layerOperators: ReadonlySet<string> = new Set([
  ...["Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "InstanceNormalization"],
  ...["LayerNormalization", "GroupNormalization", "PRelu"],
]);

function weightName(scope: string, { node, position }: Reading): string | undefined {
  if (scope === "") return undefined;
  if (node.opType === "Add") return `${scope}.bias`;
  if (node.opType === "Mul") return `${scope}.weight`;
  if (!layerOperators.has(node.opType) || position > 2) return undefined;
  return `${scope}.${position === 2 ? "bias" : "weight"}`;
}

/** Finds the weight matrices that a node works with. */
class NearestMatrices {
  readonly #graph: Graph;
  /** The node that computes each value; collected when the first is asked for. */
  #producers: ReadonlyMap<string, Node> | undefined;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /**
   * Names of the initializers of two axes or more, `except` apart, that the node itself reads, else
   * those that the nodes just before it read, and so on back.
   */
  before(node: Node, except: string): ReadonlySet<string> {
    this.#producers ??= producersOf(this.#graph.nodes);
    const producers = this.#producers;
    const seen = new Set([node]);
    for (let level: readonly Node[] = [node]; level.length > 0 && seen.size < MAX_NODES_BACK; ) {
      const inputs = level.flatMap((reader) => reader.inputs);
      const found = inputs.filter((name) => name !== except && this.#isMatrix(name));
      if (found.length > 0) return new Set(found);
      level = inputs.flatMap((name) => {
        const producer = producers.get(name);
        if (producer === undefined || seen.has(producer)) return [];
        seen.add(producer);
        return [producer];
      });
    }
    return new Set();
  }

  #isMatrix(name: string): boolean {
    const tensor = this.#graph.initializers.get(name);
    return tensor !== undefined && isWeight(tensor) && tensor.dims.length > 1;
  }
}
