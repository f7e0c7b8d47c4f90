import { type GradientTable, missingGradients } from "../../rule.js";

/** Operators of ONNX Runtime, domain `com.microsoft`. */
export const fusedGradients: GradientTable = {
  ...missingGradients(
    [
      ...["Gelu", "FastGelu", "QuickGelu", "BiasGelu", "RotaryEmbedding"],
      ...["SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "EmbedLayerNormalization"],
      ...["Attention", "MultiHeadAttention", "GroupQueryAttention"],
      ...["FusedMatMul", "FusedGemm", "FusedConv"],
    ],
    "normalize() writes it as plain operators where the form is a known one, and this is another",
  ),
  ...missingGradients(
    [
      ...["MatMulNBits", "MatMulBnb4", "GatherBlockQuantized", "DynamicQuantizeMatMul"],
      ...["MatMulIntegerToFloat", "QuantizeLinear", "DequantizeLinear"],
    ],
    "its weights are quantised; start from the float32 model",
  ),
};
