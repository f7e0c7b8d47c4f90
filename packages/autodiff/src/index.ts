/**
 * Reverse-mode differentiation of ONNX models: the gradients are one more plain ONNX model.
 *
 * @module @engraft/autodiff
 */
// What signatures here name, so that nobody needs another package to write them down.
export type { LeftOut } from "@engraft/onnx";
export * from "@engraft/onnx/errors";
export type * from "@engraft/onnx/graph";
export type { Differentiated } from "./assemble.js";
export {
  DIFFERENTIATOR,
  type DifferentiateBytesOptions,
  type DifferentiateModelOptions,
  type DifferentiateOptions,
  differentiate,
  differentiateModel,
  differentiateWeights,
  type WeightGradients,
} from "./differentiate.js";
export { AutodiffError, type Obstacle } from "./errors.js";
