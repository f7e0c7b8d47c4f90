/** What signatures here name, so that nobody needs another package to write them down. */
export {
  type AutodiffErrorCode,
  type DecodeOptions,
  EngraftError,
  type EngraftErrorCode,
  type LeftOut,
  type Model,
  OnnxError,
} from "@engraft/onnx";
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
