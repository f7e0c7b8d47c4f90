import type { TrainableFlags } from "./flags.js";
import type { Weight } from "./weight.js";

/** A part of a model that has a name of its own: `encoder.layer.0.attention`. */
export class Layer {
  /** Dotted path from the model; empty for the model itself. */
  readonly path: string;
  /** The layers directly in it, in the order of the graph. */
  readonly children: readonly Layer[];
  /** Weights of the layer itself, not of those in it. */
  readonly ownWeights: readonly Weight[];
  readonly #flags: TrainableFlags;

  /** @internal Made by `Model`. */
  constructor(parts: {
    readonly path: string;
    readonly children: readonly Layer[];
    readonly ownWeights: readonly Weight[];
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
  get weights(): Weight[] {
    return [...this.ownWeights, ...this.children.flatMap((child) => child.weights)];
  }

  /** Weights that training changes by their gradients. */
  get trainableWeights(): Weight[] {
    return this.weights.filter((weight) => weight.trainable);
  }

  /** The others: frozen ones, and states such as running statistics. */
  get nonTrainableWeights(): Weight[] {
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
export function buildLayers(
  weights: readonly Weight[],
  paths: readonly string[],
  flags: TrainableFlags,
): Layer {
  const root = draft("");
  for (const path of paths) draftAt(root, path);
  for (const weight of weights) draftAt(root, weight.layer).weights.push(weight);
  return finish(root, flags);
}

interface Draft {
  readonly path: string;
  readonly children: Map<string, Draft>;
  readonly weights: Weight[];
}

function draft(path: string): Draft {
  return { path, children: new Map(), weights: [] };
}

function draftAt(root: Draft, path: string): Draft {
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

function finish({ path, children, weights }: Draft, flags: TrainableFlags): Layer {
  return new Layer({
    path,
    children: Array.from(children.values(), (child) => finish(child, flags)),
    ownWeights: weights,
    flags,
  });
}
