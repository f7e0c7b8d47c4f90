import type {
  AppendOptions,
  Architecture,
  FoundTap,
  InputPreparation,
  LeftOut,
  ModelSummary,
  TransferOptions,
  TransferReport,
  ValueInfo,
} from "@engraft/core";
import {
  buildLayers,
  coveringSelection,
  findLayer,
  freezeSelection,
  type Layer,
  type Selection,
  select,
  TrainableFlags,
  unfreezeSelection,
} from "@engraft/core/layers";
import type { ModelEdit, ModelFacts, OfModel } from "../../protocol/models.js";
import type { EngineConnection } from "../engine.js";
import { Handle } from "../handle.js";
import type { NewLayer } from "./layers.js";
import { type LoraOptions, Pending } from "./pending.js";
import { Weight } from "./weight.js";

/** A model that is being made: to be awaited, or changed further. */
export type PendingModel = Pending<Model>;

/** The model that another one was made from. */
interface Origin {
  readonly flags: TrainableFlags;
  /** What was frozen of it when it was sent, and all of its weights, by name. */
  readonly frozen: ReadonlySet<string>;
  readonly weights: ReadonlySet<string>;
}

/**
 * A model whose layers can be taken, frozen, put together and trained. It is in the worker; the page has
 * its layers, and which of them are trainable. What needs the graph or the values of weights is awaited.
 *
 * ```ts
 * const base = await loadModel("efficientnet-lite0");
 * base.trainable = false;
 * const model = await base.cut("features").append([layers.dropout(0.2), layers.dense(2)]);
 * ```
 */
export class Model {
  /** @internal The model in the worker. */
  readonly handle: Handle;
  readonly #facts: ModelFacts;
  readonly #flags: TrainableFlags;
  readonly #root: Layer<Weight>;

  /** @internal Made by `loadModel`, and by other models. */
  constructor(facts: ModelFacts, engine: EngineConnection, origin?: Origin) {
    const { added, paths } = facts;
    this.#facts = facts;
    this.handle = new Handle(engine, facts.model, closeModel, CLOSED);
    this.#flags =
      origin === undefined || added.length > 0
        ? new TrainableFlags(origin?.flags, added)
        : origin.flags;
    const weights = facts.weights.map((found) => new Weight(found, this.#flags, this.handle));
    this.#root = buildLayers(weights, paths, this.#flags);
    this.#freezeAsMade(weights, origin);
  }

  /** Inputs of the model. */
  get inputs(): readonly ValueInfo[] {
    return this.#facts.inputs;
  }

  /** What the model gives: its first output. */
  get output(): ValueInfo {
    return this.#facts.output;
  }

  /** Where the model can be read: the outputs of its numbered blocks, and at the end `features`. */
  get taps(): readonly FoundTap[] {
    return this.#facts.taps;
  }

  /** Floats that the model stores beside its weights, each with the reason why it is not trained. */
  get leftOut(): readonly LeftOut[] {
    return this.#facts.leftOut;
  }

  /** How raw texts and images become inputs, where that is known. */
  get preparation(): Omit<InputPreparation, "tokenizer"> | undefined {
    return this.#facts.preparation;
  }

  /** The layers of the first level, in the order of the graph. */
  get layers(): readonly Layer<Weight>[] {
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

  /** Whether the model as a whole is trainable. */
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
  layer(path: string): Layer<Weight> {
    return findLayer(this.#root, path);
  }

  /**
   * Freezes the layers and weights that match a pattern: `encoder.layer.*.attention`, `**.bias`. Default:
   * the whole model.
   *
   * @throws UsageError when nothing matches.
   */
  freeze(pattern?: string): void {
    freezeSelection(this.#select(pattern));
  }

  /**
   * Makes trainable what matches a pattern and everything in it, even where that was frozen by itself.
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
  async freezeUpTo(name: string): Promise<void> {
    const { path } = this.layer(name);
    const { engine } = this.handle;
    const { names } = await engine.call("weightsUpTo", { ...this.sent(), layer: path });
    freezeSelection(coveringSelection(this.#root, names));
  }

  /** The model layer by layer; printed, a table with totals. */
  async summary(): Promise<ModelSummary> {
    const { summary, text } = await this.handle.engine.call("summarize", this.sent());
    return { ...summary, toString: () => text };
  }

  /** Layers, shapes and weights as plain data that does not depend on the values of weights. */
  async architecture(): Promise<Architecture> {
    return this.handle.engine.call("architecture", this.sent());
  }

  /**
   * The part of the model up to a layer, a tap of its base or any value of its graph: `features`,
   * `encoder.layer.3`. It shares the weights of this model. Awaited, it throws a UsageError when there is
   * nothing of that name.
   */
  cut(name: string): PendingModel {
    return this.#edit().cut(name);
  }

  /**
   * Puts new layers on the model's output, which start from random values. Awaited, it throws a
   * UsageError when a layer cannot be applied to what is below it, or a name is taken.
   */
  append(layers: readonly NewLayer[], options?: AppendOptions): PendingModel {
    return this.#edit().append(layers, options);
  }

  /**
   * Adds low-rank weights to the matrices of some layers (LoRA) and freezes these matrices. Awaited, it
   * throws a UsageError when nothing that matches is a matrix without low-rank weights.
   */
  addLora(options: LoraOptions): PendingModel {
    return this.#edit().addLora(options);
  }

  /** The model as ONNX, in inference form, with everything merged that was added to train it. */
  async toOnnx(): Promise<Uint8Array> {
    const { engine, number } = this.handle;
    return (await engine.call("modelFile", { model: number })).file;
  }

  /** The weights in the safetensors format, states among them, under their names. */
  async saveWeights(): Promise<Uint8Array> {
    const { engine, number } = this.handle;
    return (await engine.call("weightsFile", { model: number })).file;
  }

  /**
   * Takes over weights from a file in the safetensors format.
   *
   * @throws DataError when the bytes are not such a file.
   * @throws UsageError in strict mode, the default, when something is missing, too much or of another
   *   shape.
   */
  async loadWeights(
    file: Uint8Array | Blob,
    options: TransferOptions = {},
  ): Promise<TransferReport> {
    const { engine, number } = this.handle;
    return engine.call("loadWeights", { model: number, file, options: { ...options } });
  }

  /** Frees the model. Models that were made from it go on. */
  close(): Promise<void> {
    return this.handle.close();
  }

  /** As {@link Model.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal The model as calls name it, with what is frozen. */
  sent(): OfModel {
    const frozen = this.weights.flatMap(({ frozen, name }) => (frozen ? [name] : []));
    return { model: this.handle.number, frozen };
  }

  #edit(): PendingModel {
    return new Pending(async (edits: readonly ModelEdit[]) => {
      const { engine } = this.handle;
      const sent = this.sent();
      const facts = await engine.call("editModel", { ...sent, edits });
      const weights = new Set(this.weights.map(({ name }) => name));
      const origin = { flags: this.#flags, frozen: new Set(sent.frozen), weights };
      return new Model(facts, engine, origin);
    });
  }

  /** Takes over what the worker has frozen and unfrozen, and leaves what was set here in the meantime. */
  #freezeAsMade(weights: readonly Weight[], origin: Origin | undefined): void {
    for (const [at, { frozen, name }] of this.#facts.weights.entries()) {
      const weight = weights[at]!;
      const before = origin?.weights.has(name) ? origin.frozen.has(name) : weight.frozen;
      if (before !== frozen) weight.trainable = !frozen;
    }
  }

  #select(pattern: string | undefined): Selection<Weight> {
    return pattern === undefined
      ? { layers: [this.#root], weights: [] }
      : select(this.#root, pattern);
  }
}

const CLOSED = "The model was closed. Load it again, or make it anew, to work with it.";

function closeModel(model: number, engine: EngineConnection): Promise<unknown> {
  return engine.call("closeModel", { model });
}
