import type { Tensor } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { type LayerWeight, outerPath, type TrainableFlags } from "@engraft/core/layers";
import type { WeightFacts } from "../../protocol/models.js";
import type { Handle } from "../handle.js";

/**
 * Numbers that a model has learned. They are in the worker; models that were made from one another by
 * `cut` and `append` share them.
 */
export class Weight implements LayerWeight {
  /** Dotted path: that of the layer, then the weight's role. `classifier.bias`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `state` is what the forward pass updates in training, such as running statistics. */
  readonly kind: "parameter" | "state";
  /** @internal The model that it belongs to. */
  readonly handle: Handle;
  readonly #flags: TrainableFlags;

  /** @internal Made by `Model`. */
  constructor({ name, shape, kind }: WeightFacts, flags: TrainableFlags, handle: Handle) {
    this.name = name;
    this.shape = shape;
    this.kind = kind;
    this.handle = handle;
    this.#flags = flags;
  }

  /** Path of the layer that the weight belongs to; empty for the model itself. */
  get layer(): string {
    return outerPath(this.name);
  }

  /** Number of values. */
  get size(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** Whether training changes it by its gradient. A state is never trainable. */
  get trainable(): boolean {
    return this.kind === "parameter" && !this.frozen;
  }

  /** Freezes or unfreezes this weight. */
  set trainable(trainable: boolean) {
    this.#flags.set(this.name, trainable);
  }

  /** Whether it, or a layer that it is in, was frozen: then nothing changes its values. */
  get frozen(): boolean {
    return !this.#flags.isTrainable(this.name);
  }

  /** A copy of the values, in row-major order. */
  get data(): Promise<Float32Array> {
    return this.#read();
  }

  /**
   * Replaces the values; calls that are made afterwards see the new ones.
   *
   * @throws UsageError when the length is not the weight's size, or the model was closed.
   */
  set data(data: Float32Array) {
    if (data.length !== this.size) {
      throw new UsageError(
        `Weight "${this.name}" has shape [${this.shape.join(", ")}], ${this.size} values, and was given ${data.length}.`,
      );
    }
    const { engine, number } = this.handle;
    // Where the worker has died, the calls that follow say so.
    engine.call("writeWeight", { model: number, name: this.name, data }).catch(() => {});
  }

  /** Shape and a copy of the values together. */
  get tensor(): Promise<Tensor<"float32">> {
    return this.#read().then((data) => ({ dtype: "float32", dims: this.shape, data }));
  }

  async #read(): Promise<Float32Array> {
    const { engine, number } = this.handle;
    return (await engine.call("readWeight", { model: number, name: this.name })).data;
  }
}
