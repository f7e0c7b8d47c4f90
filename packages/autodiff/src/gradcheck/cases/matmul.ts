import { float } from "@engraft/onnx";
import { type CaseInput, type GradientCase, ladder, real } from "../case.js";

export const matmulCases: readonly GradientCase[] = [
  ...ladder({ operator: "MatMul", linear: [0, 1], float64: true }, [
    [real([2, 3]), real([3, 4])],
    [real([3]), real([3])],
    [real([3]), real([3, 4])],
    [real([2, 3]), real([3])],
    [real([2, 2, 3]), real([3])],
    [real([3]), real([2, 3, 4])],
    [real([2, 5, 3]), real([3, 4])],
    [real([5, 3]), real([2, 3, 4])],
    [real([2, 5, 3]), real([2, 3, 4])],
    [real([2, 5, 3]), real([1, 3, 4])],
    [real([1, 5, 3]), real([2, 3, 4])],
    [real([2, 1, 2, 3]), real([3, 3, 2])],
    [real([2, 3, 2, 3]), real([2, 1, 3, 2])],
    [real([1, 1]), real([1, 1])],
    [real([2, 3, 2, 4]), real([4, 2])],
  ]),
  ...gemmCases(),
  ...einsumCases(),
];

function gemmCases(): GradientCase[] {
  const operands = (transA: number, transB: number) => [
    real(transA ? [3, 2] : [2, 3]),
    real(transB ? [4, 3] : [3, 4]),
  ];
  const products = [0, 1].flatMap((transA) =>
    [0, 1].map((transB) => ({
      operator: "Gemm",
      name: `transA ${transA}, transB ${transB}`,
      attributes: { transA, transB, alpha: 0.5, beta: float(2) },
      inputs: [...operands(transA, transB), real([4])],
      float64: true,
    })),
  );
  const biases = [[], [1], [4], [1, 4], [2, 1], [2, 4], [1, 1]].map((dims) => [
    ...operands(0, 0),
    real(dims),
  ]);
  return [
    ...products,
    ...ladder({ operator: "Gemm", float64: true }, biases),
    ...ladder({ operator: "Gemm", linear: [0, 1], float64: true }, [operands(0, 0)]),
  ];
}

function einsumCases(): GradientCase[] {
  const items: [equation: string, ...inputs: CaseInput[]][] = [
    ["ij,jk->ik", real([2, 3]), real([3, 4])],
    ["bhid, bhjd -> bhij", real([2, 2, 3, 2]), real([2, 2, 4, 2])],
    ["ij,jk", real([2, 3]), real([3, 4])],
    ["...ij,...jk->...ik", real([2, 3, 2]), real([1, 2, 4])],
    ["...ij,jk", real([2, 3, 2]), real([2, 4])],
    ["ij->ji", real([2, 3])],
    ["ij->", real([2, 3])],
    ["ij->j", real([2, 3])],
    ["i,j->ij", real([2]), real([3])],
    ["i,i", real([3]), real([3])],
    ["bi,oi,bi->bo", real([2, 3]), real([4, 3]), real([2, 3])],
    ["ij,k->i", real([2, 3]), real([4])],
    ["b...d,b...d->b...", real([2, 3, 4]), real([2, 1, 4])],
  ];
  return items.map(([equation, ...inputs]) => ({
    operator: "Einsum",
    name: `${equation} ${inputs.map(({ dims }) => `[${dims.join()}]`).join(" ")}`,
    attributes: { equation },
    inputs,
    linear: inputs.map((_, index) => index),
    float64: true,
  }));
}
