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
