import { type Graph, printType } from "@engraft/onnx";
import type { Layer } from "./layer.js";
import type { NodeLayers } from "./node-layers.js";

/** A layer as plain data. */
export interface LayerArchitecture {
  readonly path: string;
  readonly operators: readonly string[];
  /** Sizes or names of sizes; null where they are not known. */
  readonly outputShape: readonly (number | string | null)[] | null;
  readonly weights: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly kind: "parameter" | "state";
    readonly trainable: boolean;
  }[];
  readonly layers: readonly LayerArchitecture[];
}

/** What a model is made of, without the values of its weights; stable, for JSON. */
export interface Architecture {
  readonly schemaVersion: 1;
  /** Names and types: `pixels: float32 [batch, 3, 224, 224]`. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly layers: readonly LayerArchitecture[];
}

export function describeArchitecture(root: Layer, nodes: NodeLayers, graph: Graph): Architecture {
  const describe = (layer: Layer): LayerArchitecture => ({
    path: layer.path,
    operators: nodes.operatorsOf(layer.path),
    outputShape: nodes.shapeOf(layer.path) ?? null,
    weights: layer.ownWeights.map(({ name, shape, kind, trainable }) => ({
      name,
      shape,
      kind,
      trainable,
    })),
    layers: layer.children.map(describe),
  });
  const typed = ({ name, type }: Graph["inputs"][number]): string => `${name}: ${printType(type)}`;
  return {
    schemaVersion: 1,
    inputs: graph.inputs.map(typed),
    outputs: graph.outputs.map(typed),
    layers: root.children.map(describe),
  };
}
