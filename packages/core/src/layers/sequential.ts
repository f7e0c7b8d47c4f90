import type { LayerGroup, LayerOptions, NewLayer } from "./new-layer.js";

/** Layers one after the other, under one name: `head.dense`, `head.dropout`. */
export function sequential(layers: readonly NewLayer[], options: LayerOptions = {}): LayerGroup {
  return { kind: "sequential", name: options.name, layers };
}
