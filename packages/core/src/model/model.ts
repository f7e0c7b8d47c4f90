import {
  createGraph,
  createModel,
  cut,
  decodeModel,
  encodeModel,
  type LeftOut,
  normalize,
  type Model as OnnxModel,
  typeOfValue,
  type ValueInfo,
} from "@engraft/onnx";
import { decodeSafetensors, encodeSafetensors } from "../codec/safetensors.js";
import { UsageError } from "../errors.js";
import type { NewLayer } from "../layers/new-layer.js";
import { addLora } from "./edit/add-lora.js";
import { type AppendOptions, appendLayers } from "./edit/append-layers.js";
import {
  changeParts,
  type ModelDetails,
  type ModelParts,
  takeApart,
  withWeights,
} from "./edit/parts.js";
import type { InputPreparation } from "./edit/preparation.js";
import { findTrainableNorms } from "./edit/trainable-norms.js";
import {
  assignWeights,
  namedValues,
  type TransferOptions,
  type TransferReport,
} from "./edit/transfer-weights.js";
import { type Architecture, describeArchitecture } from "./graph/architecture.js";
import { type FoundTap, findTaps } from "./graph/find-taps.js";
import { nameAxes } from "./graph/name-axes.js";
import { NodeLayers } from "./graph/node-layers.js";
import { inSinglePrecision } from "./graph/single-precision.js";
import { type ModelSummary, summarize } from "./summary.js";
import { buildLayers, type Layer } from "./weights/layer.js";
import {
  allLayers,
  coveringSelection,
  findLayer,
  freezeSelection,
  type Selection,
  select,
  unfreezeSelection,
  weightsIn,
} from "./weights/selection.js";
import type { Weight } from "./weights/weight.js";

/**
 * A model whose layers can be taken, frozen, put together and trained. It is made from an ONNX model
 * by {@link Model.fromOnnx} and becomes one again by {@link Model.toOnnx}.
 *
 * `cut` and `append` make new models that share the weights of the old one, and whether they are
 * trainable.
 */
export class Model {
  /** How raw texts and images become inputs, where that is known. */
  readonly preparation: InputPreparation | undefined;
  readonly #parts: ModelParts;
  readonly #root: Layer;
  readonly #nodes: NodeLayers;

  private constructor(parts: ModelParts) {
    this.#parts = parts;
    this.preparation = parts.preparation;
    const layers = new Map(parts.weights.map(({ name, layer }) => [name, layer]));
    this.#nodes = new NodeLayers(parts.onnx.graph, layers);
    this.#root = buildLayers(parts.weights, this.#nodes.paths, parts.flags);
  }

  /**
   * Takes an ONNX model apart. What exporters write differently is brought to one form first.
   *
   * @throws OnnxError when the bytes are not an ONNX model, or one of an unknown operator set.
   */
  static fromOnnx(source: Uint8Array | OnnxModel, details: ModelDetails = {}): Model {
    const decoded = source instanceof Uint8Array ? decodeModel(source) : source;
    return new Model(takeApart(inSinglePrecision(normalize(nameAxes(decoded))), details));
  }

  /**
   * A new model of layers alone.
   *
   * @param inputShape - Sizes of one example: `[3, 32, 32]` for images, `[12, 64]` for 12 tokens of 64
   *   channels, `[20]` for 20 numbers.
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
    const inputLayout = inputShape.length > 2 ? "channels-first" : "channels-last";
    return Model.fromOnnx(emptyModel(input), { inputLayout }).append(layers, options);
  }

  /** Inputs of the model. */
  get inputs(): readonly ValueInfo[] {
    return this.#parts.onnx.graph.inputs;
  }

  /** What the model gives: its first output. */
  get output(): ValueInfo {
    return this.#parts.onnx.graph.outputs[0]!;
  }

  /** Where the model can be read: the outputs of its numbered blocks, and at the end `features`. */
  get taps(): readonly FoundTap[] {
    return findTaps(this.#root, this.#nodes, this.#parts.onnx.graph);
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

  /** Floats that the model stores beside its weights, each with the reason why it is not trained. */
  get leftOut(): readonly LeftOut[] {
    return this.#parts.leftOut;
  }

  /** Whether the model as a whole is trainable; see {@link Layer.trainable}. */
  get trainable(): boolean {
    return this.#root.trainable;
  }

  /** Freezes or unfreezes every layer. */
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
    return findLayer(this.#root, path);
  }

  /**
   * Freezes the layers and weights that match a pattern: `encoder.layer.*.attention`, `**.bias`, where
   * `*` stands for one part of a path and `**` for any number. Default: the whole model.
   *
   * @throws UsageError when nothing matches.
   */
  freeze(pattern?: string): void {
    freezeSelection(this.#select(pattern));
  }

  /**
   * Makes trainable what matches a pattern, as {@link Model.freeze} reads it, and everything in it,
   * even where that was frozen by itself. To have back what was set before, set
   * {@link Layer.trainable} instead.
   *
   * @throws UsageError when nothing matches.
   */
  unfreeze(pattern?: string): void {
    unfreezeSelection(this.#select(pattern));
  }

  /**
   * Freezes a layer and everything that its output is computed from.
   *
   * @throws UsageError when there is no such layer.
   */
  freezeUpTo(name: string): void {
    freezeSelection(coveringSelection(this.#root, this.weightsUpTo(name)));
  }

  /** @internal Names of the weights of a layer, and of all that its output is computed from. */
  weightsUpTo(name: string): Set<string> {
    const layer = this.layer(name);
    const output = this.#nodes.outputOf(layer.path);
    const below = output === undefined ? [] : this.#readBelow(output);
    return new Set([...below, ...layer.weights.map((weight) => weight.name)]);
  }

  /** The model layer by layer; printed, a table with totals. */
  summary(): ModelSummary {
    return summarize(this.#root, this.#nodes, this.#parts.leftOut);
  }

  /** Layers, shapes and weights as plain data that does not depend on the values of weights. */
  architecture(): Architecture {
    return describeArchitecture(
      this.#root,
      this.#nodes,
      this.#parts.onnx.graph,
      this.#parts.leftOut,
    );
  }

  /**
   * The part of the model up to a layer, a tap of its base or any value of its graph: `features`,
   * `encoder.layer.3`. It shares the weights of this model.
   *
   * @throws UsageError when there is nothing of that name.
   */
  cut(name: string): Model {
    const onnx = cut(this.#parts.onnx, [this.#valueOf(name)]);
    return new Model(changeParts(this.#parts, { onnx }));
  }

  /**
   * Puts new layers on the model's output. They start from random values that depend on the seed and
   * their names. A value with its channels last is transposed once, where the first layer needs them on
   * axis 1; see {@link SingleLayer.channels}.
   *
   * @throws UsageError when a layer cannot be applied to what is below it, a name is taken, or a layer
   * must know where the channels are and the graph does not tell: say it with `layout`.
   */
  append(layers: readonly NewLayer[], options: AppendOptions = {}): Model {
    const taken = this.layers.map(({ name }) => name);
    return new Model(appendLayers(this.#parts, layers, taken, options));
  }

  /**
   * Adds low-rank weights to the matrices of some layers (LoRA) and freezes these matrices. The result
   * is a new model; {@link Model.toOnnx} merges what was added.
   *
   * @param options.layers - Pattern of layers or weights. Default: all.
   * @throws UsageError when nothing that matches is a matrix without low-rank weights.
   */
  addLora(options: {
    readonly rank: number;
    readonly layers?: string;
    readonly seed?: number;
  }): Model {
    const { rank, layers, seed = 0 } = options;
    const chosen = weightsIn(this.#select(layers));
    return new Model(addLora(this.#parts, chosen, rank, seed));
  }

  /** The model as ONNX, in inference form, with everything merged that was added to train it. */
  toOnnx(): Uint8Array {
    const trained = new Map(this.weights.map((weight) => [weight.name, weight.tensor]));
    const merged = this.#parts.lowRank.reduceRight(
      (model, added) => added.remove(model, trained),
      this.graph,
    );
    return encodeModel(normalize(merged));
  }

  /** The weights in the safetensors format, states among them, under their names. */
  saveWeights(): Uint8Array {
    return encodeSafetensors(new Map(this.weights.map((weight) => [weight.name, weight.tensor])));
  }

  /**
   * Takes over weights from a file in the safetensors format.
   *
   * @param options - `strict`, by default true, says whether every weight must be in the file and the
   *   other way round.
   * @throws DataError when the bytes are not such a file.
   * @throws UsageError in strict mode when something is missing, too much or of another shape.
   */
  loadWeights(file: Uint8Array, { strict = true, map }: TransferOptions = {}): TransferReport {
    const { tensors } = decodeSafetensors(file);
    return assignWeights(namedValues(tensors), this.weights, { strict, map });
  }

  /** The graph with the weights as they are now. */
  get graph(): OnnxModel {
    return withWeights(this.#parts.onnx, this.weights);
  }

  /** `BatchNormalization` nodes that use the statistics of their batch, by their first output. */
  get trainableNorms(): Set<string> {
    return findTrainableNorms(this.#parts.onnx.graph, this.weights);
  }

  #valueOf(name: string): string {
    const { onnx, taps } = this.#parts;
    const value = taps?.get(name) ?? name;
    if (typeOfValue(onnx.graph, value) !== undefined) return value;
    const isLayer = allLayers(this.#root).some(({ path }) => path === name);
    const tap = isLayer ? undefined : this.taps.find((found) => found.name === name);
    const output = tap?.value ?? this.#nodes.outputOf(this.layer(name).path);
    if (output !== undefined) return output;
    throw new UsageError(
      `Layer "${name}" computes nothing by itself that the model could be cut at.`,
    );
  }

  /** Initializers that a value is computed from. */
  #readBelow(value: string): Iterable<string> {
    return cut(this.#parts.onnx, [value]).graph.initializers.keys();
  }

  #select(pattern: string | undefined): Selection<Weight> {
    return pattern === undefined
      ? { layers: [this.#root], weights: [] }
      : select(this.#root, pattern);
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
