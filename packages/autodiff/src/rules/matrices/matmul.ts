import { float, floatAttribute, intAttribute, type Shape } from "@engraft/onnx";
import { sumToShape } from "../../broadcasting.js";
import type { RuleContext } from "../../context.js";
import { type GradientTable, missingGradients, rule } from "../../rule.js";
import { range } from "../shapes/layout.js";
import { gradientsOfEinsum } from "./einsum.js";

/** Matrix products. */
export const matmulGradients: GradientTable = {
  // Y = A B; dA = dY Bᵀ, dB = Aᵀ dY
  MatMul: rule((c) => {
    const product = matricesOf(c);
    return [
      c.wants(0) ? gradientOfLeft(c, product) : undefined,
      c.wants(1) ? gradientOfRight(c, product) : undefined,
    ];
  }),

  // Y = α A' B' + β C, where ' transposes or not: dA' = α dY B'ᵀ, dB' = α A'ᵀ dY, dC = β dY
  Gemm: rule((c) => {
    const [a, b, g] = [c.input(0), c.input(1), c.gradient()];
    const transA = intAttribute(c.node, "transA", 0);
    const transB = intAttribute(c.node, "transB", 0);
    const alpha = float(floatAttribute(c.node, "alpha", 1));
    const product = (left: string, right: string, transA: number, transB: number) =>
      c.op("Gemm", [left, right], { alpha, transA, transB });
    const left = () => (transA ? product(b, g, transB, 1) : product(g, b, 0, 1 - transB));
    const right = () => (transB ? product(g, a, 1, transA) : product(a, g, 1 - transA, 0));
    return [
      c.wants(0) ? left() : undefined,
      c.wants(1) ? right() : undefined,
      c.has(2) && c.wants(2) ? gradientOfBias(c) : undefined,
    ];
  }),

  Einsum: rule(gradientsOfEinsum),

  ...missingGradients(
    ["Attention", "RotaryEmbedding"],
    "normalize() writes it as plain operators where the form is a known one, and this is another",
  ),
};

/** The operands and the gradient of a product with vectors made matrices. */
interface Matrices {
  readonly a: string;
  readonly b: string;
  readonly g: string;
  readonly aRank: number;
  readonly bRank: number;
  /** Axes before the matrices of the product. */
  readonly batch: Shape | undefined;
}

/** A vector on the left is a row, on the right a column; the product lacks that axis. */
function matricesOf(c: RuleContext): Matrices {
  const [a, b] = [c.input(0), c.input(1)];
  const [isRow, isColumn] = [c.rank(a) === 1, c.rank(b) === 1];
  const missing = [...(isRow ? [-2] : []), ...(isColumn ? [-1] : [])];
  return {
    a: isRow ? withAxes(c, a, [0]) : a,
    b: isColumn ? withAxes(c, b, [1]) : b,
    g: missing.length === 0 ? c.gradient() : withAxes(c, c.gradient(), missing),
    aRank: Math.max(c.rank(a), 2),
    bRank: Math.max(c.rank(b), 2),
    batch: c.shape(c.output())?.slice(0, missing.length - 2 || undefined),
  };
}

function gradientOfLeft(c: RuleContext, { a, b, g, aRank, bRank, batch }: Matrices): string {
  const value = c.input(0);
  if (aRank === 2 && bRank === 2) {
    const product = c.op("Gemm", [g, b], { transB: 1 });
    return a === value ? product : c.reshapeLike(product, value);
  }
  const product = c.op("MatMul", [g, transposed(c, b, bRank)]);
  const own = c.shape(value)!;
  const matrix = own.length === 1 ? [1, own[0]!] : own.slice(-2);
  return sumToShape(c, product, batch && [...batch, ...matrix], value);
}

function gradientOfRight(c: RuleContext, { a, b, g, aRank, bRank, batch }: Matrices): string {
  const value = c.input(1);
  if (bRank === 2) {
    const product =
      aRank === 2 ? c.op("Gemm", [a, g], { transA: 1 }) : productOverRows(c, a, g, aRank);
    return b === value ? product : c.reshapeLike(product, value);
  }
  const product = c.op("MatMul", [transposed(c, a, aRank), g]);
  return sumToShape(c, product, batch && [...batch, ...c.shape(value)!.slice(-2)], value);
}

/**
 * AᵀG over all rows of all matrices, as in every linear layer. The narrower of the two is turned first:
 * a product that is told to transpose (FusedMatMul, Gemm) turns its operand once for every few columns
 * of the other one, and takes half as long again.
 */
function productOverRows(c: RuleContext, a: string, g: string, rank: number): string {
  const rows = (matrices: string) => c.op("Flatten", [matrices], { axis: rank - 1 });
  // The Flatten between them keeps ONNX Runtime from making one node of the Transpose and the product.
  const columns = (matrices: string) => {
    const perm = [rank - 1, ...range(0, rank - 1)];
    return c.op("Flatten", [c.op("Transpose", [matrices], { perm })], { axis: 1 });
  };
  const [inputs, outputs] = c.staticShape(c.input(1)) ?? [0, 0];
  if (inputs! <= outputs!) return c.op("MatMul", [columns(a), rows(g)]);
  return c.op("Transpose", [c.op("MatMul", [columns(g), rows(a)])], { perm: [1, 0] });
}

function gradientOfBias(c: RuleContext): string {
  const sum = sumToShape(c, c.gradient(), c.shape(c.output()), c.input(2));
  const beta = floatAttribute(c.node, "beta", 1);
  return beta === 1 ? sum : c.op("Mul", [sum, c.scalar(beta)]);
}

function withAxes(c: RuleContext, value: string, axes: readonly number[]): string {
  return c.op("Unsqueeze", [value, c.ints(axes)]);
}

function transposed(c: RuleContext, matrices: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  return c.op("Transpose", [matrices], { perm: perm.with(-1, rank - 2).with(-2, rank - 1) });
}
