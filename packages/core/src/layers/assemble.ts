import {
  createGraph,
  createModel,
  createNameGenerator,
  createNode,
  createTensor,
  type Graph,
  GraphBuilder,
  inferTypes,
  printType,
  renameValues,
  type Tensor,
  type ValueInfo,
  valueInfo,
} from "@engraft/onnx";
import { UsageError } from "../errors.js";
import type { Random } from "../random/random.js";
import { initialValues } from "./initializers.js";
import type { Layout } from "./layout.js";
import type { Channels, LayerScope, NewLayer, SingleLayer, WeightRequest } from "./new-layer.js";

/** A weight that new layers brought with them. */
export interface NewWeight {
  readonly name: string;
  readonly kind: "parameter" | "state";
  readonly tensor: Tensor<"float32">;
}

/** New layers as a piece of graph. */
export interface LayersGraph {
  /** Reads the input, and the mask where a layer needs it; has one output. */
  readonly graph: Graph;
  readonly weights: readonly NewWeight[];
}

/** Metadata of a node that says which layer it belongs to, by its path. It stays in saved models. */
export const LAYER_PATH = "engraft.layer";

/** What new layers are put on. */
export interface LayersBase {
  /** The value that the first layer is applied to. */
  readonly input: ValueInfo;
  /** Where its channels are; undefined where nothing tells. */
  readonly layout: Layout | undefined;
  /** The input that tells tokens from padding, for models of texts. */
  readonly mask: ValueInfo | undefined;
  /** Operator set of the model. */
  readonly opset: number;
  /** Names that layers of the first level must not have. */
  readonly taken: Iterable<string>;
  /** Where the weights' first values are drawn from, each from a stream of its own name. */
  readonly random: Random;
}

/**
 * Writes layers one after the other. The output of each layer is a value that is named as the layer.
 *
 * @throws UsageError when a layer cannot be applied to what the one before it gives, or when a name
 * is given twice.
 */
export function assembleLayers(layers: readonly NewLayer[], base: LayersBase): LayersGraph {
  const steps = namedLayers(layers, base.taken);
  const graphs: Graph[] = [];
  const weights: NewWeight[] = [];
  let current = base.input;
  let layout = base.layout;
  for (const { path, layer } of steps) {
    const channels = layer.channels?.(rankOf(current));
    const turned = channels && turn(path, current, channels, layout);
    if (turned !== undefined) graphs.push(turned);
    const written = writeLayer(path, layer, turned?.outputs[0] ?? current, base, weights);
    graphs.push(written);
    layout = channels?.layout ?? layout;
    // A table of vectors puts its channels last.
    if (rankOf(written.outputs[0]!) > rankOf(current)) layout = "channels-last";
    current = written.outputs[0]!;
  }
  return { graph: joined(graphs, base, current), weights };
}

function rankOf({ type }: ValueInfo): number {
  return type.shape?.length ?? 0;
}

/** Brings the channels of a value to where a layer wants them; undefined where they are there. */
function turn(
  path: string,
  value: ValueInfo,
  { layout: wanted, isNeeded }: Channels,
  layout: Layout | undefined,
): Graph | undefined {
  if (layout === wanted) return undefined;
  if (layout === undefined) {
    if (!isNeeded) return undefined;
    throw new UsageError(
      `Layer "${path}" must know which axis of "${value.name}", ${printType(value.type)}, holds the channels, and the ` +
        'graph does not tell. Say it: append(layers, { layout: "channels-first" }) for axis 1, "channels-last" ' +
        "for the last axis.",
    );
  }
  const axes = value.type.shape!.map((_, axis) => axis).slice(1);
  const moved =
    wanted === "channels-first"
      ? [axes.at(-1)!, ...axes.slice(0, -1)]
      : [...axes.slice(1), axes[0]!];
  const perm = [0, ...moved];
  const shape = perm.map((axis) => value.type.shape![axis]!);
  const output: ValueInfo = { name: `${path}/${wanted}`, type: { ...value.type, shape } };
  const node = createNode("Transpose", [value.name], [output.name], { perm });
  const metadata = new Map([[LAYER_PATH, path]]);
  return createGraph({ nodes: [{ ...node, metadata }], inputs: [value], outputs: [output] });
}

interface NamedLayer {
  readonly path: string;
  readonly layer: SingleLayer;
}

/** The layers with their paths, groups resolved. */
function namedLayers(
  layers: readonly NewLayer[],
  taken: Iterable<string>,
  prefix = "",
): NamedLayer[] {
  const given = layers.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const known = new Set(taken);
  for (const name of given) {
    if (!/^[^./]+$/.test(name)) throw badName(name, "must not be empty or have dots or slashes");
    if (known.has(name)) throw badName(name, "is taken by another layer");
    known.add(name);
  }
  const fresh = createNameGenerator(known);
  return layers.flatMap((layer) => {
    const path = prefix + (layer.name ?? fresh(layer.kind));
    return "layers" in layer ? namedLayers(layer.layers, [], `${path}.`) : [{ path, layer }];
  });
}

function badName(name: string, why: string): UsageError {
  return new UsageError(`A new layer cannot be called "${name}": a name ${why}.`);
}

/** The graph of one layer, with types. */
function writeLayer(
  path: string,
  layer: SingleLayer,
  input: ValueInfo,
  base: LayersBase,
  weights: NewWeight[],
): Graph {
  const builder = new GraphBuilder(path);
  const weight = ({ role, shape, initializer, kind = "parameter" }: WeightRequest): string => {
    const name = `${path}.${role}`;
    const values = initialValues(initializer, shape, base.random.derive(name));
    weights.push({ name, kind, tensor: createTensor("float32", shape, values) });
    builder.initializers.set(name, weights.at(-1)!.tensor);
    return name;
  };
  const { name, type } = input;
  const scope: LayerScope = { path, input: name, type, mask: base.mask?.name, builder, weight };
  const output = layer.write(scope);
  const graph = createGraph({
    nodes: builder.nodes.map((node) => ({ ...node, metadata: new Map([[LAYER_PATH, path]]) })),
    inputs: distinct([input, base.mask]),
    outputs: [valueInfo(output, "float32")],
    initializers: builder.initializers,
  });
  return inferTypes(
    createModel({ graph: renameValues(graph, new Map([[output, path]])), opset: base.opset }),
  ).graph;
}

function joined(graphs: readonly Graph[], { input, mask }: LayersBase, output: ValueInfo): Graph {
  const nodes = graphs.flatMap((graph) => graph.nodes);
  const read = new Set([input.name, ...nodes.flatMap(({ inputs }) => inputs)]);
  const valueTypes = graphs.flatMap((graph) => [
    ...graph.valueTypes,
    ...graph.outputs.map(({ name, type }) => [name, type] as const),
  ]);
  return createGraph({
    nodes,
    inputs: distinct([input, mask]).filter(({ name }) => read.has(name)),
    outputs: [output],
    initializers: graphs.flatMap(({ initializers }) => [...initializers]),
    valueTypes: valueTypes.filter(([name]) => name !== output.name),
  });
}

function distinct(inputs: readonly (ValueInfo | undefined)[]): ValueInfo[] {
  const present = inputs.filter((input) => input !== undefined);
  return [...new Map(present.map((input) => [input.name, input])).values()];
}
