import type { TrainableFlags } from "./flags.js";
import type { Weight } from "./weight.js";

/** What a layer knows of a weight in it, wherever its values are. */
export interface LayerWeight {
  /** Dotted path: that of the layer, then the weight's role. `classifier.bias`. */
  readonly name: string;
  /** Path of the layer that it belongs to; empty for the model itself. */
  readonly layer: string;
  /** Whether training changes it by its gradient; to freeze or unfreeze it, this is set. */
  trainable: boolean;
}

/** A part of a model that has a name of its own: `encoder.layer.0.attention`. */
export class Layer<W extends LayerWeight = Weight> {
  /** Dotted path from the model; empty for the model itself. */
  readonly path: string;
  /** The layers directly in it, in the order of the graph. */
  readonly children: readonly Layer<W>[];
  /** Weights of the layer itself, not of those in it. */
  readonly ownWeights: readonly W[];
  readonly #flags: TrainableFlags;

  /** @internal Made by `Model`. */
  constructor(parts: {
    readonly path: string;
    readonly children: readonly Layer<W>[];
    readonly ownWeights: readonly W[];
    readonly flags: TrainableFlags;
  }) {
    this.path = parts.path;
    this.children = parts.children;
    this.ownWeights = parts.ownWeights;
    this.#flags = parts.flags;
  }

  /** Last part of the path. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf(".") + 1);
  }

  /** All weights in it, in the order of the graph. */
  get weights(): W[] {
    return [...this.ownWeights, ...this.children.flatMap((child) => child.weights)];
  }

  /** Weights that training changes by their gradients. */
  get trainableWeights(): W[] {
    return this.weights.filter((weight) => weight.trainable);
  }

  /** The others: frozen ones, and states such as running statistics. */
  get nonTrainableWeights(): W[] {
    return this.weights.filter((weight) => !weight.trainable);
  }

  /** Whether it is trainable: neither it nor anything that it is in was frozen since. */
  get trainable(): boolean {
    return this.#flags.isTrainable(this.path);
  }

  /**
   * Covers everything in the layer. What is in it remembers its own setting and has it back when the
   * layer is trainable again; set afterwards, it is trainable by itself.
   */
  set trainable(trainable: boolean) {
    this.#flags.set(this.path, trainable);
  }
}

/**
 * The tree of layers that the paths of weights and layers spell out.
 *
 * @param paths - Layers that may have no weights, in the order of the graph.
 */
export function buildLayers<W extends LayerWeight>(
  weights: readonly W[],
  paths: readonly string[],
  flags: TrainableFlags,
): Layer<W> {
  const root = draft<W>("");
  for (const path of paths) draftAt(root, path);
  for (const weight of weights) draftAt(root, weight.layer).weights.push(weight);
  return finish(root, flags);
}

interface Draft<W> {
  readonly path: string;
  readonly children: Map<string, Draft<W>>;
  readonly weights: W[];
}

function draft<W>(path: string): Draft<W> {
  return { path, children: new Map(), weights: [] };
}

function draftAt<W>(root: Draft<W>, path: string): Draft<W> {
  let place = root;
  for (const name of path === "" ? [] : path.split(".")) {
    let child = place.children.get(name);
    if (child === undefined) {
      child = draft(place.path === "" ? name : `${place.path}.${name}`);
      place.children.set(name, child);
    }
    place = child;
  }
  return place;
}

function finish<W extends LayerWeight>(
  { path, children, weights }: Draft<W>,
  flags: TrainableFlags,
): Layer<W> {
  return new Layer<W>({
    path,
    children: Array.from(children.values(), (child) => finish(child, flags)),
    ownWeights: weights,
    flags,
  });
}
