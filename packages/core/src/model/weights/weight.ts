import { elementCount, type Tensor } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import type { TrainableFlags } from "./flags.js";
import { outerPath } from "./paths.js";

/**
 * Numbers that a model has learned. Models that were made from one another by `cut` and `append`
 * share their weights: training one trains the others.
 */
export class Weight {
  /** Dotted path: that of the layer, then the weight's role. `classifier.bias`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `state` is what the forward pass updates in training, such as running statistics. */
  readonly kind: "parameter" | "state";
  readonly #flags: TrainableFlags;
  #data: Float32Array;

  /** @internal Made by `Model`. */
  constructor(parts: {
    readonly name: string;
    readonly shape: readonly number[];
    readonly kind: "parameter" | "state";
    readonly data: Float32Array;
    readonly flags: TrainableFlags;
  }) {
    this.name = parts.name;
    this.shape = parts.shape;
    this.kind = parts.kind;
    this.#data = parts.data;
    this.#flags = parts.flags;
  }

  /** Path of the layer that the weight belongs to; empty for the model itself. */
  get layer(): string {
    return outerPath(this.name);
  }

  /** Number of values. */
  get size(): number {
    return elementCount(this.shape);
  }

  /** Whether training changes it by its gradient. A state is never trainable. */
  get trainable(): boolean {
    return this.kind === "parameter" && !this.frozen;
  }

  /** Whether it, or a layer that it is in, was frozen: then nothing changes its values. */
  get frozen(): boolean {
    return !this.#flags.isTrainable(this.name);
  }

  /** Freezes or unfreezes this weight. */
  set trainable(trainable: boolean) {
    this.#flags.set(this.name, trainable);
  }

  /** The values, in row-major order. What is read is not a copy: changes change the model. */
  get data(): Float32Array {
    return this.#data;
  }

  /** @throws UsageError when the length is not the weight's size. */
  set data(data: Float32Array) {
    if (data.length !== this.size) {
      throw new UsageError(
        `Weight "${this.name}" has shape [${this.shape.join(", ")}], ${this.size} values, and was given ${data.length}.`,
      );
    }
    this.#data = data;
  }

  /** Shape and values together; the values are not a copy. */
  get tensor(): Tensor<"float32"> {
    return { dtype: "float32", dims: this.shape, data: this.#data };
  }
}
