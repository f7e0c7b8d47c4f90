import type { AppendOptions } from "@engraft/core";
import type { ModelEdit } from "../../protocol/models.js";
import type { NewLayer } from "./layers.js";

/** How low-rank weights are added. */
export interface LoraOptions {
  readonly rank: number;
  /** Pattern of layers or weights. Default: all. */
  readonly layers?: string;
  /** Seed of their first values. Default 0. */
  readonly seed?: number;
}

/**
 * A model that is being made, to be awaited. Its changes cross to the worker together, when it is awaited:
 * `await base.cut("features").append([layers.dense(2)])`.
 */
export class Pending<M> implements Promise<M> {
  readonly #make: (edits: readonly ModelEdit[]) => Promise<M>;
  readonly #edits: readonly ModelEdit[];
  #made: Promise<M> | undefined;

  /** @internal Made by `Model`. */
  constructor(make: (edits: readonly ModelEdit[]) => Promise<M>, edits: readonly ModelEdit[] = []) {
    this.#make = make;
    this.#edits = edits;
  }

  /** The part of the model up to a layer, a tap of its base or any value of its graph. */
  cut(name: string): Pending<M> {
    return this.#with({ kind: "cut", name });
  }

  /** Puts new layers on the model's output. */
  append(layers: readonly NewLayer[], options: AppendOptions = {}): Pending<M> {
    return this.#with({ kind: "append", layers, options });
  }

  /** Adds low-rank weights to the matrices of some layers (LoRA) and freezes these matrices. */
  addLora(options: LoraOptions): Pending<M> {
    return this.#with({ kind: "lora", options });
  }

  /** Has the worker make the model, once, and waits for it. */
  // biome-ignore lint/suspicious/noThenProperty: it is there to be awaited.
  then<R = M, E = never>(
    fulfilled?: ((model: M) => R | PromiseLike<R>) | null,
    rejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    this.#made ??= this.#make(this.#edits);
    return this.#made.then(fulfilled, rejected);
  }

  /** As {@link Pending.then}, where the model cannot be made. */
  catch<E = never>(rejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<M | E> {
    return this.then(undefined, rejected);
  }

  /** As {@link Pending.then}, whether the model is made or not. */
  finally(done?: (() => void) | null): Promise<M> {
    return this.then().finally(done);
  }

  get [Symbol.toStringTag](): string {
    return "Promise";
  }

  #with(edit: ModelEdit): Pending<M> {
    return new Pending(this.#make, [...this.#edits, edit]);
  }
}
