import type { GraphBuilder, TensorType } from "@engraft/onnx";
import { UsageError } from "../errors.js";
import type { Initializer } from "./initializers.js";
import type { Layout } from "./layout.js";

/** A weight that a new layer asks for. */
export interface WeightRequest {
  /** Last part of its name: `weight` of the layer `head.dense` is `head.dense.weight`. */
  readonly role: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** `state` is what the forward pass updates in training, such as running statistics. */
  readonly kind?: "parameter" | "state";
}

/** Where a new layer writes itself. */
export interface LayerScope {
  /** Path of the layer: `head.dense`. Every name that it makes starts with it. */
  readonly path: string;
  /** Name of the value that the layer is applied to. */
  readonly input: string;
  readonly type: TensorType;
  /** Input of the model that tells tokens (1) from padding (0), int64 [batch, token]. */
  readonly mask: string | undefined;
  readonly builder: GraphBuilder;
  /** Adds a weight and returns its name. */
  weight(request: WeightRequest): string;
}

/** What a layer says of the channels that it works on. */
export interface Channels {
  readonly layout: Layout;
  readonly isNeeded: boolean;
}

/** Maps have their channels on axis 1, tokens on the last. */
export function mapsOrTokens(rank: number): Channels | undefined {
  if (rank < 3) return undefined;
  return { layout: rank > 3 ? "channels-first" : "channels-last", isNeeded: true };
}

/** A layer that can be put on top of a model. Made by the functions of `layers`. */
export interface SingleLayer {
  readonly kind: string;
  /** The name that the user gave; without one the layer is called after its kind. */
  readonly name: string | undefined;
  /**
   * Where the layer wants the channels of a value of so many axes: it is transposed if they are
   * elsewhere. `isNeeded`: it cannot be applied where that is not known. Undefined where it does not
   * matter.
   */
  readonly channels?: (rank: number) => Channels | undefined;
  /** Writes the layer's nodes and returns the name of its output. */
  readonly write: (scope: LayerScope) => string;
}

/** Layers that are applied one after the other, under one name. */
export interface LayerGroup {
  readonly kind: "sequential";
  readonly name: string | undefined;
  readonly layers: readonly NewLayer[];
}

/** What `Model.append` takes: made by the functions of `layers`. */
export type NewLayer = SingleLayer | LayerGroup;

/** The option that every new layer has. */
export interface LayerOptions {
  /**
   * Name of the layer, without dots or slashes. Default: its kind, numbered where it is taken
   * (`dense`, `dense_1`).
   */
  readonly name?: string | undefined;
}

/** The rank of the value that a layer is applied to. @throws UsageError when it is none of `ranks`. */
export function requireRank(scope: LayerScope, ranks: readonly number[], hint: string): number {
  const rank = scope.type.shape?.length;
  if (rank !== undefined && ranks.includes(rank)) return rank;
  const found = scope.type.shape?.map((dim) => dim ?? "?").join(", ") ?? "unknown";
  throw new UsageError(
    `Layer "${scope.path}" is applied to a value of shape [${found}], and needs rank ${ranks.join(" or ")}. ${hint}`,
  );
}

/** The size of one axis of the input, which must be known. */
export function requireSize(scope: LayerScope, axis: number): number {
  const size = scope.type.shape?.at(axis);
  if (typeof size === "number") return size;
  throw new UsageError(
    `Layer "${scope.path}" needs to know the size of axis ${axis} of its input, which is ${size ?? "unknown"}. Give the model's inputs fixed sizes there.`,
  );
}

/** @throws UsageError when a setting of a layer is not a whole number of at least `least`. */
export function requireWhole(layer: string, setting: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new UsageError(
    `${setting} of ${layer} is ${value}; expected a whole number of at least ${least}.`,
  );
}
