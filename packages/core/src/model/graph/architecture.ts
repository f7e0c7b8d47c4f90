import { type Graph, type LeftOut, printType } from "@engraft/onnx";
import type { Layer } from "../weights/layer.js";
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
  /** Weights that belong to no layer: those whose names have no dots. */
  readonly weights: LayerArchitecture["weights"];
  readonly layers: readonly LayerArchitecture[];
  /** Floats that are stored beside the weights, and why they are not trained. */
  readonly leftOut: readonly LeftOut[];
}

export function describeArchitecture(
  root: Layer,
  nodes: NodeLayers,
  graph: Graph,
  leftOut: readonly LeftOut[],
): Architecture {
  const describe = (layer: Layer): LayerArchitecture => ({
    path: layer.path,
    operators: nodes.operatorsOf(layer.path),
    outputShape: nodes.shapeOf(layer.path) ?? null,
    weights: weightsOf(layer),
    layers: layer.children.map(describe),
  });
  const typed = ({ name, type }: Graph["inputs"][number]): string => `${name}: ${printType(type)}`;
  return {
    schemaVersion: 1,
    inputs: graph.inputs.map(typed),
    outputs: graph.outputs.map(typed),
    weights: weightsOf(root),
    layers: root.children.map(describe),
    leftOut,
  };
}

function weightsOf(layer: Layer): LayerArchitecture["weights"] {
  return layer.ownWeights.map(({ name, shape, kind, trainable }) => ({
    name,
    shape,
    kind,
    trainable,
  }));
}
