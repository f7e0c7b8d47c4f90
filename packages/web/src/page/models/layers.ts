import type { LayerOptions } from "@engraft/core";
import { layers as makers } from "@engraft/core/layers";

/** A layer that can be put on top of a model. Made by the functions of `layers`. */
export interface NewLayer {
  /** The function that makes it. */
  readonly kind: string;
  /** What that is given. */
  readonly settings: readonly unknown[];
}

/** The functions that make new layers, as the package `engraft` has them. */
export type Layers = {
  readonly [K in keyof typeof makers]: (...settings: SettingsOf<K>) => NewLayer;
};

/** What the function of a layer is given. */
export type SettingsOf<K extends keyof typeof makers> = K extends "sequential"
  ? [layers: readonly NewLayer[], options?: LayerOptions]
  : Parameters<(typeof makers)[K]>;

/** The layers that can be put on top of a model, or make up one. */
export const layers: Layers = Object.fromEntries(
  Object.entries(makers).map(([kind, make]) => [
    kind,
    (...settings: readonly unknown[]): NewLayer => {
      // The worker makes the layer; here it is refused where it cannot be made.
      (make as (...settings: readonly unknown[]) => unknown)(...settings);
      return { kind, settings };
    },
  ]),
) as unknown as Layers;
