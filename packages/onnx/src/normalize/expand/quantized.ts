import { intAttribute } from "../../ir/attributes.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, tensorOf } from "../../ir/tensor/tensor-data.js";
import { dequantize } from "../../passes/weights/dequantize.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import type { ExpansionFamily } from "./family.js";

/**
 * Weights that ONNX Runtime stores in blocks of 2, 4 or 8 bits become float32 constants. Blocks run
 * along the inner axis; each has a scale and, unless it is the middle of the range, a zero point.
 */

/** Unpacks rows of bytes, the lowest bits first, and keeps `width` values of each row. */
function unpackRows(packed: Tensor, rows: number, width: number, bits: number): Tensor | undefined {
  if (packed.dtype !== "uint8") return undefined;
  const values = new Uint8Array(rows * width);
  const bytesPerRow = packed.data.length / rows;
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const byte = packed.data[row * bytesPerRow + Math.floor(column / perByte)]!;
      values[row * width + column] = (byte >> (bits * (column % perByte))) & mask;
    }
  }
  return createTensor("uint8", [rows, width], values);
}

/** Zero points [rows, blocks]: given, packed like the values, or the middle of the range. */
function zeroPoints(
  rewriter: NodeRewriter,
  input: string,
  grid: { readonly rows: number; readonly blocks: number; readonly bits: number },
): Tensor | undefined {
  const { rows, blocks, bits } = grid;
  if (input !== "") {
    const given = rewriter.constant(input);
    return given && unpackRows(given, rows, blocks, bits);
  }
  const middle = new Array<number>(rows * blocks).fill(2 ** (bits - 1));
  return tensorOf("uint8", [rows, blocks], middle);
}

/** Inputs: data, weights [N, blocks, bytes], scales, zero points, order of groups, bias. */
const matmulNBits: Converter = (rewriter) => {
  const { node } = rewriter;
  const [inner, columns] = [intAttribute(node, "K", 0), intAttribute(node, "N", 0)];
  const [bits, blockSize] = [intAttribute(node, "bits", 4), intAttribute(node, "block_size", 32)];
  const packed = rewriter.constant(rewriter.input(1));
  const scales = rewriter.constant(rewriter.input(2));
  const blocks = Math.ceil(inner / blockSize);
  const zeros = zeroPoints(rewriter, rewriter.input(3), { rows: columns, blocks, bits });
  const values = packed && unpackRows(packed, columns, inner, bits);
  const isOrdered = rewriter.input(4) === "";
  if (values === undefined || zeros === undefined || scales?.dtype !== "float32" || !isOrdered)
    return;
  const weight = dequantize(values, scales, zeros, { axis: 1, blockSize });
  if (weight === undefined) return;
  const stored = rewriter.tensor(weight, rewriter.input(1));
  const turned = rewriter.op("Transpose", [stored], { perm: [1, 0] });
  const bias = rewriter.input(5);
  const result = bias === "" ? rewriter.output(0) : undefined;
  const product = rewriter.op("MatMul", [rewriter.input(0), turned], {}, result);
  if (bias !== "") rewriter.op("Add", [product, bias], {}, rewriter.output(0));
};

/** The standard operators, under ONNX Runtime's domain. */
const standardForm: Converter = (rewriter) => rewriter.keep({ domain: "" });

export const quantizedExpansions: ExpansionFamily = {
  microsoft: {
    MatMulNBits: matmulNBits,
    QuantizeLinear: standardForm,
    DequantizeLinear: standardForm,
  },
};
