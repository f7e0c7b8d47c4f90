/**
 * Entry for programs that read, build, cut and write graphs: it loads nothing that knows the operators
 * one by one, which would take longer than running a small model.
 */
export type { DecodeOptions } from "./codec/decode.js";
export { decodeModel } from "./codec/decode-model.js";
export {
  encodeModel,
  encodeWithSharedWeights,
  type ModelWithSharedWeights,
} from "./codec/encode.js";
export * from "./errors.js";
export {
  type AttributeKind,
  type AttributeReader,
  type AttributeValue,
  describeNode,
  floatAttribute,
  floatsAttribute,
  graphAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  stringsAttribute,
  tensorAttribute,
} from "./ir/attributes.js";
export {
  type AttributeInput,
  createGraph,
  createModel,
  createNode,
  float,
  floats,
  valueInfo,
} from "./ir/build.js";
export type {
  Attribute,
  Dim,
  Graph,
  Model,
  Node,
  Shape,
  TensorType,
  ValueInfo,
} from "./ir/graph.js";
export { GraphBuilder } from "./ir/graph-builder.js";
export { createNameGenerator, freshPrefix, nearMatches } from "./ir/names.js";
export { printGraph, printType } from "./ir/print.js";
export { allNames, capturedBy, definitionsOf, readsOf, subgraphsOf } from "./ir/scope.js";
export { topologicalSort } from "./ir/sort.js";
export { dataTypeCodes, dataTypeOfCode } from "./ir/tensor/data-type-codes.js";
export {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./ir/tensor/float16.js";
export type { DataOf, DataType, StoredType, Tensor } from "./ir/tensor/tensor.js";
export {
  createTensor,
  elementCount,
  type NumericDataType,
  numbersOf,
  scalarOf,
  tensorOf,
} from "./ir/tensor/tensor-data.js";
export { typeOfValue } from "./ir/value-types.js";
export { cut } from "./passes/edit/cut.js";
export { cutAbove } from "./passes/edit/cut-above.js";
export { castBeforeGather, gatherBeforeCast } from "./passes/weights/gather-before-cast.js";
export { widenInt8 } from "./passes/weights/widen-int8.js";
