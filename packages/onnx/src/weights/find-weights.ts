import type { Graph, Model, Node } from "../ir/graph.js";
import { subgraphsOf } from "../ir/scope.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { typeOfValue } from "../ir/value-types.js";
import { unshareInitializers } from "../normalize/unshare/unshare-initializers.js";
import { valuesByFloats } from "./float-paths.js";
import { isBufferName, isCountedName, isParameterName } from "./names.js";
import { ConstantReadings, type Reading } from "./readings.js";
import { roleOf } from "./roles.js";

/** A weight, by the name of its initializer in {@link FoundWeights.model}. */
export interface WeightUse {
  readonly name: string;
  readonly tensor: Tensor<"float32"> | Tensor<"float64">;
  /** `state`: running statistics, which the forward pass updates in training. */
  readonly kind: "parameter" | "state";
  /** What it is called in layers: `weight`, `bias`, `running_mean`. */
  readonly role: string;
  /** The node whose weight it is, and which of its inputs. */
  readonly node: Node;
  readonly position: number;
}

/** Floats that are stored in a file and are not trained. */
export interface LeftOut {
  readonly name: string;
  readonly shape: readonly number[];
  readonly reason: string;
}

/** What {@link findWeights} found. */
export interface FoundWeights {
  /** The model, each layer with weights of its own. */
  readonly model: Model;
  /** In the order in which the graph reads them, each once. */
  readonly weights: readonly WeightUse[];
  /** Everything else that is stored as floats, single numbers apart. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Decides what the weights of a normalised model are, for everything that shows or trains them. Layers
 * that share an initializer only because exporters merge equal values get one each first.
 *
 * A float tensor is a weight where an operator reads it as one, directly or by way of other constants
 * (`ConstantReadings`): a matrix that is multiplied by, a kernel, a table that is looked up,
 * the scale and shift of a normalisation, a vector that is added or multiplied. What has a name as
 * modules give it is one wherever it is read. No weights are single numbers without such a name (an
 * epsilon, a scale of attention), tables that were computed (masks, angles of rotary positions), and
 * the equal numbers that stand for a bias or scale which a layer does not have.
 */
export function findWeights(normal: Model): FoundWeights {
  const model = unshareInitializers(normal);
  const { graph } = model;
  const readings = new ConstantReadings(graph);
  const originals = originalNames(normal.graph, graph);
  const reached = valuesByFloats(graph);
  const weights: WeightUse[] = [];
  const leftOut: LeftOut[] = [];
  for (const name of inReadingOrder(graph)) {
    const tensor = graph.initializers.get(name)!;
    if (tensor.dtype !== "float32" && tensor.dtype !== "float64") continue;
    const constant = { name, original: originals.get(name) ?? name, tensor };
    const found = reached.has(name)
      ? decide(constant, readings.of(name), graph)
      : "it leads to outputs by way of sizes or integers alone";
    if (typeof found !== "string") weights.push(found);
    else if (tensor.data.length > 1) leftOut.push({ name, shape: tensor.dims, reason: found });
  }
  return { model, weights, leftOut: [...leftOut, ...insideNodes(graph)] };
}

interface Constant {
  readonly name: string;
  /** Its name before layers got weights of their own, which tells whether modules named it. */
  readonly original: string;
  readonly tensor: WeightUse["tensor"];
}

/** The weight that a constant is, or why it is none. */
function decide(
  constant: Constant,
  readings: readonly Reading[],
  graph: Graph,
): WeightUse | string {
  const { name, original, tensor } = constant;
  const [first] = readings;
  if (first === undefined)
    return "only a branch or the body of a loop reads it, or it is an output";
  if (isBufferName(original)) return "by its name a table that is computed once";
  const isNamed = isParameterName(name) && !isCountedName(original);
  if (!isNamed && tensor.dims.every((size) => size === 1)) return "a single number";
  const use = readings.find((reading) => roleAt(reading, graph) !== undefined);
  // Nobody writes a product with ones down, so that a factor is a scale that has not been trained.
  if (isCountedName(original) && isFilled(tensor) && use?.node.opType !== "Mul") {
    return "all its values are equal: it stands for what a layer does not have";
  }
  if (use === undefined && !isNamed) {
    const { node } = readings.find(({ meetsData }) => meetsData) ?? first;
    return `${node.opType} reads it as a constant`;
  }
  const { node, position } = use ?? first;
  const role = (use && roleAt(use, graph)) ?? "weight";
  const kind = node.opType === "BatchNormalization" && position > 2 ? "state" : "parameter";
  return { name, tensor, kind, role, node, position };
}

function roleAt(reading: Reading, graph: Graph): string | undefined {
  const { node, value, meetsData } = reading;
  const isStored = graph.initializers.has(value);
  // Among constants only what a file itself holds is looked at: what follows is arithmetic.
  if (!meetsData && !isStored) return undefined;
  const shape = typeOfValue(graph, value)?.shape;
  return roleOf(node, reading.position, shape, meetsData);
}

/** Initializers in the order in which nodes read them, those that none reads last. */
function inReadingOrder({ nodes, initializers }: Graph): Set<string> {
  const names = new Set<string>();
  for (const { inputs } of nodes)
    for (const name of inputs) if (initializers.has(name)) names.add(name);
  for (const name of initializers.keys()) names.add(name);
  return names;
}

/** What the initializers that nodes read were called in the model that layers shared them in. */
function originalNames(before: Graph, after: Graph): Map<string, string> {
  const originals = new Map<string, string>();
  for (const [index, { inputs }] of after.nodes.entries()) {
    for (const [position, name] of inputs.entries()) {
      if (!originals.has(name)) originals.set(name, before.nodes[index]!.inputs[position]!);
    }
  }
  return originals;
}

/** One number, repeated: as a bias or scale it changes nothing that is learned. */
function isFilled({ data }: WeightUse["tensor"]): boolean {
  for (let index = 1; index < data.length; index++) if (data[index] !== data[0]) return false;
  return true;
}

/** Floats in branches, loops, and the attributes of operators of classical machine learning. */
function insideNodes({ nodes }: Graph): LeftOut[] {
  return nodes.flatMap((node) => [
    ...subgraphsOf(node).flatMap((inner) => insideSubgraph(inner, node)),
    ...(node.domain === "ai.onnx.ml" ? insideAttributes(node) : []),
  ]);
}

function insideSubgraph(graph: Graph, { opType }: Node): LeftOut[] {
  const reason =
    opType === "If"
      ? "it is in a branch of an If whose condition is not fixed"
      : `it is in the body of a ${opType}`;
  const own = Array.from(graph.initializers).flatMap(([name, { dtype, dims, data }]) =>
    dtype.includes("float") && data.length > 1 ? [{ name, shape: dims, reason }] : [],
  );
  return [...own, ...insideNodes(graph)];
}

function insideAttributes(node: Node): LeftOut[] {
  const label = node.name || node.outputs[0] || node.opType;
  return Array.from(node.attributes).flatMap(([name, attribute]) =>
    attribute.kind === "floats" && attribute.value.length > 1
      ? [
          {
            name: `${label}.${name}`,
            shape: [attribute.value.length],
            reason: `it is an attribute of ${node.opType}, which has no gradient`,
          },
        ]
      : [],
  );
}
