import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, elementCount } from "../../ir/tensor/tensor-data.js";

export interface QuantizationLayout {
  /** The axis of the scales; negative counts from the end. Unused for one scale per tensor. */
  readonly axis: number;
  /** Elements along the axis that share a scale, where scales have the rank of `x`; else 0. */
  readonly blockSize: number;
}

/**
 * `(x - zeroPoint) * scale`, as ONNX `DequantizeLinear` defines it. `scale` has one element (per
 * tensor), one per slice of the axis (per axis), or one per block of the axis (blocked). Returns
 * `undefined` where the shapes are none of these or `x` is not an integer tensor.
 */
export function dequantize(
  x: Tensor,
  scale: Tensor<"float32">,
  zeroPoint: Tensor | undefined,
  layout: QuantizationLayout,
): Tensor<"float32"> | undefined {
  if (!isInteger(x) || (zeroPoint !== undefined && !isInteger(zeroPoint))) return undefined;
  const grid = scaleGrid(x.dims, scale, layout);
  if (grid === undefined) return undefined;
  const { outer, size, inner, outerStep, axisStep, innerStep, block } = grid;
  const values = new Float32Array(x.data.length);
  let index = 0;
  for (let o = 0; o < outer; o++) {
    for (let a = 0; a < size; a++) {
      const row = o * outerStep + Math.floor(a / block) * axisStep;
      for (let i = 0; i < inner; i++, index++) {
        const s = row + i * innerStep;
        values[index] = (x.data[index]! - (zeroPoint?.data[s] ?? 0)) * scale.data[s]!;
      }
    }
  }
  return createTensor("float32", x.dims, values);
}

/** Splits `x` at the axis into outer x size x inner, with the steps to take in the scales. */
interface ScaleGrid {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  readonly outerStep: number;
  readonly axisStep: number;
  readonly innerStep: number;
  readonly block: number;
}

function scaleGrid(
  dims: readonly number[],
  scale: Tensor<"float32">,
  { axis, blockSize }: QuantizationLayout,
): ScaleGrid | undefined {
  if (scale.data.length === 1 && blockSize === 0) {
    const inner = elementCount(dims);
    return { outer: 1, size: 1, inner, outerStep: 0, axisStep: 0, innerStep: 0, block: 1 };
  }
  const position = axis < 0 ? axis + dims.length : axis;
  const size = dims[position];
  if (size === undefined) return undefined;
  const outer = elementCount(dims.slice(0, position));
  const inner = elementCount(dims.slice(position + 1));
  if (blockSize === 0) {
    if (scale.data.length !== size) return undefined;
    return { outer, size, inner, outerStep: 0, axisStep: 1, innerStep: 0, block: 1 };
  }
  const blocks = Math.ceil(size / blockSize);
  if (scale.data.length !== outer * blocks * inner) return undefined;
  return {
    outer,
    size,
    inner,
    outerStep: blocks * inner,
    axisStep: inner,
    innerStep: 1,
    block: blockSize,
  };
}

const integerTypes = ["int4", "uint4", "int8", "uint8", "int16", "uint16", "int32"] as const;

function isInteger(tensor: Tensor): tensor is Tensor<(typeof integerTypes)[number]> {
  return integerTypes.some((dtype) => dtype === tensor.dtype);
}
