import { findWeights, narrowDoubles, normalize, type Model as OnnxModel } from "@engraft/onnx";

/**
 * A normalised model with its weights in float32, which training is in. A model that has float64
 * weights computes in float32 altogether, inputs and outputs too; others keep the float64 in which
 * exporters compute sizes.
 */
export function inSinglePrecision(normal: OnnxModel): OnnxModel {
  const { initializers } = normal.graph;
  const mayHave = [...initializers.values()].some(({ dtype, data }) => {
    return dtype === "float64" && data.length > 1;
  });
  if (!mayHave) return normal;
  const { weights } = findWeights(normal);
  return weights.some(({ tensor }) => tensor.dtype === "float64")
    ? normalize(narrowDoubles(normal))
    : normal;
}
