import { createGraph, createModel, GraphBuilder, type Model, valueInfo } from "@engraft/onnx";
import { goldenNumbers } from "./training-goldens.js";

/** What the weights of {@link stemNetwork} are called. */
export interface StemNames {
  readonly kernel: string;
  readonly scale: string;
  readonly shift: string;
  readonly mean: string;
  readonly variance: string;
  readonly classes: string;
}

/** As modules name their weights. */
export const MODULES: StemNames = {
  kernel: "stem.conv.weight",
  scale: "stem.bn.weight",
  shift: "stem.bn.bias",
  mean: "stem.bn.running_mean",
  variance: "stem.bn.running_var",
  classes: "fc.weight",
};

/** Names without modules: all weights are those of the model itself. */
export const FLAT: StemNames = {
  kernel: "w0",
  scale: "s0",
  shift: "b0",
  mean: "m0",
  variance: "v0",
  classes: "w1",
};

/**
 * A strided convolution, a batch normalisation and a classifier: x [N, 3, height, width] through the
 * value `features` [N, 8] to y [N, 2].
 */
export function stemNetwork(
  names: StemNames,
  [height, width]: readonly [number | string, number | string] = [16, 16],
): Model {
  const g = new GraphBuilder("stem");
  const add = (name: string, data: Float32Array, ...dims: number[]): string => {
    g.initializers.set(name, { dtype: "float32", dims, data });
    return name;
  };
  const maps = g.op("Conv", ["x", add(names.kernel, goldenNumbers(8 * 27, 1), 8, 3, 3, 3)], {
    pads: [1, 1, 1, 1],
    strides: [2, 2],
  });
  const norm = [
    add(
      names.scale,
      goldenNumbers(8, 2).map((value) => 1 + value),
      8,
    ),
    add(names.shift, goldenNumbers(8, 3), 8),
    add(names.mean, goldenNumbers(8, 4), 8),
    add(
      names.variance,
      goldenNumbers(8, 5).map((value) => 1.5 + value),
      8,
    ),
  ];
  const active = g.op("Relu", [g.op("BatchNormalization", [maps, ...norm])]);
  const features = g.op("Flatten", [g.op("GlobalAveragePool", [active])], {}, "features");
  g.op("MatMul", [features, add(names.classes, goldenNumbers(16, 6), 8, 2)], {}, "y");
  const graph = createGraph({
    // Names of nodes would tell of modules.
    nodes: g.nodes.map((node) => ({ ...node, name: "" })),
    initializers: g.initializers,
    inputs: [valueInfo("x", "float32", ["N", 3, height, width])],
    outputs: [valueInfo("y", "float32", ["N", 2])],
  });
  return createModel({ graph, opset: 21, irVersion: 10 });
}
