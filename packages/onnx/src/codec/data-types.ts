import { TensorProto_DataType } from "onnx-buf";

/** How messages name any element type of the format: `complex64`, or `number 77` for an unknown one. */
export function describeDataType(code: number): string {
  return TensorProto_DataType[code]?.toLowerCase() ?? `number ${code}`;
}
