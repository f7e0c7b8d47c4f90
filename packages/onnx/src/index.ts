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
export { type AppendOptions, append } from "./passes/edit/append.js";
export { prune } from "./passes/edit/prune.js";
export { renameValues } from "./passes/edit/rename-values.js";
export { replaceOutputs } from "./passes/edit/replace-outputs.js";
export { type FoldConstantsOptions, foldConstants } from "./passes/fold/fold-constants.js";
export { removeIdentities } from "./passes/fold/fold-identities.js";
export { type CastWeightsOptions, castWeights } from "./passes/weights/cast-weights.js";
export { dequantizeWeights } from "./passes/weights/dequantize-weights.js";
export { quantizeWeights } from "./passes/weights/quantize-weights.js";
export { storeInt8 } from "./passes/weights/store-int8.js";
export { verify } from "./verify/verify.js";
export {
  type FoundWeights,
  findWeights,
  type LeftOut,
  type WeightUse,
} from "./weights/find-weights.js";
export { isParameterName, isPlainName, withoutCast } from "./weights/names.js";
