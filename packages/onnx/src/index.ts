/**
 * ONNX in TypeScript: a graph as plain data, read, checked, changed and written.
 *
 * @module @engraft/onnx
 */
export * from "./graph.js";
export type { DimBindings } from "./infer/analyze.js";
export { type InferTypesOptions, inferTypes } from "./infer/infer-types.js";
export { knownOperators } from "./infer/registry.js";
export { normalize } from "./normalize/normalize.js";
export { unshareInitializers } from "./normalize/unshare/unshare-initializers.js";
export { narrowDoubles } from "./normalize/widen-floats.js";
export { type AppendOptions, append } from "./passes/append.js";
export { type CastWeightsOptions, castWeights } from "./passes/cast-weights.js";
export { dequantizeWeights } from "./passes/dequantize-weights.js";
export { type FoldConstantsOptions, foldConstants } from "./passes/fold-constants.js";
export { removeIdentities } from "./passes/fold-identities.js";
export { prune } from "./passes/prune.js";
export { quantizeWeights } from "./passes/quantize-weights.js";
export { renameValues } from "./passes/rename-values.js";
export { replaceOutputs } from "./passes/replace-outputs.js";
export { verify } from "./verify/verify.js";
export {
  type FoundWeights,
  findWeights,
  type LeftOut,
  type WeightUse,
} from "./weights/find-weights.js";
export { isParameterName, isPlainName, withoutCast } from "./weights/names.js";
