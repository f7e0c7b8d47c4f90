export type { OnnxErrorCode } from "./errors.js";
export { EngraftError, OnnxError } from "./errors.js";
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
export type { DataOf, DataType, Tensor } from "./ir/tensor.js";
