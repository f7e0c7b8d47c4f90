import {
  append as appendGraph,
  createGraph,
  createModel,
  cut as cutGraph,
  decodeModel,
  encodeModel,
  inferTypes,
  nearMatches,
  normalize,
  type Model as OnnxModel,
  type Tensor,
  typeOfValue,
  unshareInitializers,
  type ValueInfo,
} from "@engraft/onnx";
import { UsageError } from "../errors.js";
import { assembleLayers } from "../layers/assemble.js";
import type { NewLayer } from "../layers/new-layer.js";
import { createRandom } from "../random/random.js";
import { type Architecture, describeArchitecture } from "./architecture.js";
import { discoverWeights } from "./discover.js";
import { TrainableFlags } from "./flags.js";
import { buildLayers, type Layer } from "./layer.js";
import { addLowRank, type LowRankModel } from "./low-rank.js";
import { NodeLayers } from "./node-layers.js";
import { matchesPattern } from "./patterns.js";
import type { InputPreparation } from "./preparation.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";
import { type ModelSummary, summarize } from "./summary.js";
import {
  assignWeights,
  namedValues,
  type TransferOptions,
  type TransferReport,
} from "./transfer-weights.js";
import { Weight } from "./weight.js";

/** What is known of a model beside its graph. */
export interface ModelDetails {
  /** Values of the graph by the names under which users know them: `features`, `block.3`. */
  readonly taps?: ReadonlyMap<string, string> | undefined;
  /** How raw texts and pictures become the model's inputs; without it only tensors are taken. */
  readonly preparation?: InputPreparation | undefined;
  /** Writes a file, where there are files. */
  readonly writeFile?: ((path: string, bytes: Uint8Array) => Promise<void>) | undefined;
}

/** What a model is made of. */
interface Parts extends ModelDetails {
  /** Typed; the values of its initializers may be out of date, those of the weights count. */
  readonly onnx: OnnxModel;
  readonly weights: readonly Weight[];
  readonly flags: TrainableFlags;
  /** Layer of the nodes of new layers, by first output. */
  readonly newNodes: ReadonlyMap<string, string>;
  readonly lowRank: readonly LowRankModel[];
}

/**
 * A model whose layers can be taken, frozen, put together and trained. It is made from an ONNX model
 * by {@link Model.fromOnnx} and becomes one again by {@link Model.toOnnx}.
 *
 * `cut` and `append` make new models that share the weights of the old one, and whether they are
 * trainable.
 */
export class Model {
  /** How raw texts and pictures become inputs, where that is known. */
  readonly preparation: InputPreparation | undefined;
  readonly #parts: Parts;
  readonly #root: Layer;
  readonly #nodes: NodeLayers;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.preparation = parts.preparation;
    const { graph } = parts.onnx;
    const layers = new Map(parts.weights.map(({ name, layer }) => [name, layer]));
    this.#nodes = new NodeLayers(graph, layers, parts.newNodes);
    this.#root = buildLayers(parts.weights, this.#nodes.paths, parts.flags);
  }

  /**
   * Takes an ONNX model apart. What exporters write differently is brought to one form first.
   *
   * @throws OnnxError when the bytes are not an ONNX model, or one of an unknown operator set.
   */
  static fromOnnx(source: Uint8Array | OnnxModel, details: ModelDetails = {}): Model {
    const decoded = source instanceof Uint8Array ? decodeModel(source) : source;
    const found = discoverWeights(unshareInitializers(normalize(decoded)));
    const flags = new TrainableFlags();
    const weights = found.weights.map(
      ({ name, kind, tensor: { dims, data } }) =>
        new Weight({ name, shape: dims, kind, data: data.slice(), flags }),
    );
    const onnx = inferTypes(found.model);
    return new Model({ ...details, onnx, weights, flags, newNodes: new Map(), lowRank: [] });
  }

  /**
   * A new model of layers alone.
   *
   * @param inputShape - Sizes of one example: `[3, 32, 32]` for pictures, `[20]` for 20 numbers.
   */
  static sequential(
    inputShape: readonly number[],
    layers: readonly NewLayer[],
    options: { readonly seed?: number } = {},
  ): Model {
    const input: ValueInfo = {
      name: "input",
      type: { dtype: "float32", shape: ["batch", ...inputShape] },
    };
    const empty = new Model({
      onnx: emptyModel(input),
      weights: [],
      flags: new TrainableFlags(),
      newNodes: new Map(),
      lowRank: [],
    });
    return empty.append(layers, options);
  }

  /** Inputs of the model. */
  get inputs(): readonly ValueInfo[] {
    return this.#parts.onnx.graph.inputs;
  }

  /** What the model gives: its first output. */
  get output(): ValueInfo {
    return this.#parts.onnx.graph.outputs[0]!;
  }

  /** The layers of the first level, in the order of the graph. */
  get layers(): readonly Layer[] {
    return this.#root.children;
  }

  /** All weights, in the order of the graph. */
  get weights(): Weight[] {
    return this.#root.weights;
  }

  /** Weights that training changes by their gradients. */
  get trainableWeights(): Weight[] {
    return this.#root.trainableWeights;
  }

  /** The others: frozen ones, and states such as running statistics. */
  get nonTrainableWeights(): Weight[] {
    return this.#root.nonTrainableWeights;
  }

  /** Whether the model as a whole is trainable; see {@link Layer.trainable}. */
  get trainable(): boolean {
    return this.#root.trainable;
  }

  set trainable(trainable: boolean) {
    this.#root.trainable = trainable;
  }

  /**
   * The layer at a dotted path: `encoder.layer.5`. Outer parts may be left out where what is left is
   * unambiguous, and so may underscores that names begin with.
   *
   * @throws UsageError when there is no such layer, or more than one.
   */
  layer(path: string): Layer {
    const all = allLayers(this.#root);
    const exact = all.find((layer) => layer.path === path);
    if (exact !== undefined) return exact;
    const wanted = plainPath(path);
    const ending = all.filter((layer) => `.${plainPath(layer.path)}`.endsWith(`.${wanted}`));
    if (ending.length === 1) return ending[0]!;
    const names = (ending.length > 1 ? ending : all).map((layer) => layer.path);
    const near = ending.length > 1 ? names : nearMatches(path, names);
    throw new UsageError(
      `${ending.length > 1 ? `More than one layer is called` : "The model has no layer"} "${path}".` +
        `${near.length > 0 ? ` Did you mean ${near.slice(0, 5).join(" or ")}?` : ""}`,
    );
  }

  /**
   * Freezes what matches a pattern, layers or weights: `encoder.layer.*.attention`, `**.bias`.
   * Default: everything.
   *
   * @throws UsageError when nothing matches.
   */
  freeze(pattern?: string): void {
    this.#setMatching(pattern, false);
  }

  /** Makes trainable what matches a pattern; as {@link Model.freeze}. */
  unfreeze(pattern?: string): void {
    this.#setMatching(pattern, true);
  }

  /** Freezes a layer and everything that its output is computed from. */
  freezeUpTo(name: string): void {
    const layer = this.layer(name);
    const output = this.#nodes.outputOf(layer.path);
    const below = output === undefined ? this.#parts.onnx : cutGraph(this.#parts.onnx, [output]);
    const { initializers } = below.graph;
    layer.trainable = false;
    for (const weight of this.weights) if (initializers.has(weight.name)) weight.trainable = false;
  }

  /** The model layer by layer; printed, a table with totals. */
  summary(): ModelSummary {
    return summarize(this.#root, this.#nodes);
  }

  /**
   * The part of the model up to a layer, a tap of its base or any value of its graph: `features`,
   * `encoder.layer.3`. It shares the weights of this model.
   *
   * @throws UsageError when there is nothing of that name.
   */
  cut(name: string): Model {
    const value = this.#valueOf(name);
    const onnx = cutGraph(this.#parts.onnx, [value]);
    return this.#derive(onnx, this.#parts.flags, [], new Map());
  }

  /**
   * Puts new layers on the model's output. They start from random values that depend on the seed and
   * their names.
   *
   * @throws UsageError when a layer cannot be applied to what is below it, or a name is taken.
   */
  append(layers: readonly NewLayer[], options: { readonly seed?: number } = {}): Model {
    const { onnx, flags } = this.#parts;
    const mask = this.#maskInput();
    const input = this.#parts.onnx.graph.outputs[0]!;
    const top = assembleLayers(layers, {
      input,
      mask,
      opset: onnx.opsets.get("")!,
      taken: this.layers.map(({ name }) => name),
      random: createRandom(options.seed ?? 0).derive("layers"),
    });
    const connections = Object.fromEntries(top.graph.inputs.map(({ name }) => [name, name]));
    const joined = inferTypes(appendGraph(onnx, top.graph, connections));
    const own = Array.from(top.layerOf.values(), (path) => path.split(".", 1)[0]!);
    const newFlags = new TrainableFlags(flags, own);
    const weights = top.weights.map(
      ({ name, kind, tensor: { dims, data } }) =>
        new Weight({ name, shape: dims, kind, data, flags: newFlags }),
    );
    return this.#derive(joined, newFlags, weights, top.layerOf);
  }

  /**
   * Adds low-rank weights to the matrices of some layers (LoRA) and freezes the matrices: a new model
   * in which little is trained. {@link Model.toOnnx} merges them.
   *
   * @param options.layers - Pattern of layers or weights. Default: all.
   */
  addLora(options: {
    readonly rank: number;
    readonly layers?: string;
    readonly seed?: number;
  }): Model {
    const { onnx, flags } = this.#parts;
    const names = new Set(this.#matching(options.layers).weights.map(({ name }) => name));
    const random = createRandom(options.seed ?? 0).derive("lora");
    const added = addLowRank(onnx, options.rank, random, (name) => names.has(name));
    const weights = added.trainable.map((name) => {
      const { dims, data } = added.model.graph.initializers.get(name)!;
      return new Weight({
        name,
        shape: dims,
        kind: "parameter",
        data: data as Float32Array,
        flags,
      });
    });
    for (const weight of this.weights) if (names.has(weight.name)) weight.trainable = false;
    for (const weight of weights) weight.trainable = true;
    const onnxModel = inferTypes(added.model);
    return this.#derive(onnxModel, flags, weights, new Map(), [...this.#parts.lowRank, added]);
  }

  /** The model as ONNX, in inference form, with everything merged that was added to train it. */
  toOnnx(): Uint8Array {
    const trained = new Map(this.weights.map((weight) => [weight.name, tensorOf(weight)]));
    const merged = this.#parts.lowRank.reduceRight(
      (model, added) => added.remove(model, trained),
      this.graph,
    );
    return encodeModel(normalize(merged));
  }

  /**
   * Writes {@link Model.toOnnx} to a file; it is complete or as it was before.
   *
   * @throws UsageError where there are no files, as in a browser.
   */
  async save(path: string): Promise<void> {
    const { writeFile } = this.#parts;
    if (writeFile === undefined) {
      throw new UsageError("There are no files here. Take the bytes of toOnnx() instead.");
    }
    await writeFile(path, this.toOnnx());
  }

  /** The weights in the safetensors format, states among them, under their names. */
  saveWeights(): Uint8Array {
    return encodeSafetensors(
      new Map(this.weights.map((weight) => [weight.name, tensorOf(weight)])),
    );
  }

  /**
   * Takes over weights from a file in the safetensors format.
   *
   * @param options.strict - Whether every weight must be in the file and the other way round.
   *   Default true.
   * @throws DataError when the bytes are not such a file.
   * @throws UsageError in strict mode when something is missing, too much or of another shape.
   */
  loadWeights(file: Uint8Array, { strict = true, map }: TransferOptions = {}): TransferReport {
    const { tensors } = decodeSafetensors(file);
    return assignWeights(namedValues(tensors), this.weights, { strict, map });
  }

  /** Layers, shapes and weights as plain data that does not depend on the values of weights. */
  architecture(): Architecture {
    return describeArchitecture(this.#root, this.#nodes, this.#parts.onnx.graph);
  }

  /** The graph with the weights as they are now. */
  get graph(): OnnxModel {
    const { onnx } = this.#parts;
    const initializers = new Map(onnx.graph.initializers);
    for (const weight of this.weights) initializers.set(weight.name, tensorOf(weight));
    return { ...onnx, graph: { ...onnx.graph, initializers } };
  }

  /** `BatchNormalization` nodes of trainable layers, by their first output. */
  get trainableNorms(): Set<string> {
    const { graph } = this.#parts.onnx;
    return new Set(
      graph.nodes.flatMap(({ opType, inputs, outputs }) => {
        const scale = this.weights.find(({ name }) => name === inputs[1]);
        const isOn = opType === "BatchNormalization" && scale !== undefined;
        return isOn && this.layer(scale.layer).trainable ? [outputs[0]!] : [];
      }),
    );
  }

  #derive(
    onnx: OnnxModel,
    flags: TrainableFlags,
    added: readonly Weight[],
    newNodes: ReadonlyMap<string, string>,
    lowRank: readonly LowRankModel[] = this.#parts.lowRank,
  ): Model {
    const { initializers, nodes } = onnx.graph;
    const values = new Set(nodes.flatMap(({ outputs }) => outputs));
    return new Model({
      ...this.#parts,
      onnx,
      flags,
      lowRank,
      weights: [...this.#parts.weights, ...added].filter(({ name }) => initializers.has(name)),
      newNodes: new Map(
        [...this.#parts.newNodes, ...newNodes].filter(([output]) => values.has(output)),
      ),
    });
  }

  #valueOf(name: string): string {
    const { onnx, taps } = this.#parts;
    const value = taps?.get(name) ?? name;
    if (typeOfValue(onnx.graph, value) !== undefined) return value;
    const output = this.#nodes.outputOf(this.layer(name).path);
    if (output !== undefined) return output;
    throw new UsageError(
      `Layer "${name}" computes nothing by itself that the model could be cut at.`,
    );
  }

  #maskInput(): ValueInfo | undefined {
    const mask = this.preparation?.inputs.mask;
    return this.inputs.find(({ name }) => name === mask);
  }

  #setMatching(pattern: string | undefined, trainable: boolean): void {
    if (pattern === undefined) {
      this.trainable = trainable;
      return;
    }
    const { layers, weights } = this.#matching(pattern);
    for (const layer of layers) layer.trainable = trainable;
    if (layers.length === 0) for (const weight of weights) weight.trainable = trainable;
  }

  /** Layers that match a pattern; weights that match it, or are in such a layer. */
  #matching(pattern = "**"): { layers: Layer[]; weights: Weight[] } {
    const layers = allLayers(this.#root).filter(({ path }) => matchesPattern(pattern, path));
    const inside = new Set(layers.flatMap(({ weights }) => weights));
    const weights = this.weights.filter(
      (weight) => inside.has(weight) || matchesPattern(pattern, weight.name),
    );
    if (layers.length > 0 || weights.length > 0) return { layers, weights };
    throw new UsageError(
      `Nothing in the model matches "${pattern}". Layers are named like ${this.layers
        .slice(0, 3)
        .map(({ path }) => path)
        .join(", ")}; * stands for one part of a name, ** for any.`,
    );
  }
}

/** A graph that gives back its input. */
function emptyModel(input: ValueInfo): OnnxModel {
  return createModel({
    graph: createGraph({ nodes: [], inputs: [input], outputs: [input] }),
    opset: 21,
    irVersion: 10,
  });
}

function tensorOf({ shape, data }: Weight): Tensor<"float32"> {
  return { dtype: "float32", dims: shape, data };
}

function allLayers(layer: Layer): Layer[] {
  return layer.children.flatMap((child) => [child, ...allLayers(child)]);
}

/** `_blocks.6._bn1` as people write it: `blocks.6.bn1`. */
function plainPath(path: string): string {
  return path
    .split(".")
    .map((part) => part.replace(/^_+/, ""))
    .join(".");
}
