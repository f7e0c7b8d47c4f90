import { intAttribute } from "../../ir/attributes.js";
import type { NodeRewriter } from "../rewrite.js";

/** Hidden state [1, batch, hidden], and the cell state of an LSTM. Left out, a state is all zero. */
export interface State {
  readonly hidden?: string | undefined;
  readonly cell?: string | undefined;
}

/** Weights of one direction. */
export interface DirectionWeights {
  /** [gates * hidden, hidden] */
  readonly recurrence: string;
  /** Biases of input and recurrence, [gates * hidden] each. */
  readonly biases: readonly [string, string] | undefined;
  readonly hiddenSize: number;
  /** Operators of the activations, in the order of the ONNX definition. */
  readonly activations: readonly string[];
}

/** One direction of a recurrent layer, ready to be applied to step after step. */
export interface Cell {
  /** What is added to the projected inputs of all steps at once. */
  readonly inputBias: string | undefined;
  /** The state after a step with the projected input [1, batch, gates * hidden]. */
  step(projected: string, state: State): State;
}

export type CellKind = (rewriter: NodeRewriter, weights: DirectionWeights) => Cell;

/** `H' = f(X W' + H R' + b)` */
export const plainCell: CellKind = (rewriter, weights) => {
  const recur = recurrence(rewriter, weights.recurrence);
  const [activation] = weights.activations;
  return {
    inputBias: sumOfBiases(rewriter, weights),
    step: (projected, { hidden }) => ({
      hidden: rewriter.op(activation!, [recur(projected, hidden)]),
    }),
  };
};

/** Gates input, output, forget and cell: `C' = f C + i c`, `H' = o h(C')`. */
export const lstmCell: CellKind = (rewriter, weights) => {
  const recur = recurrence(rewriter, weights.recurrence);
  const [gate, candidate, result] = weights.activations as [string, string, string];
  const sizes = new Array<number>(4).fill(weights.hiddenSize);
  return {
    inputBias: sumOfBiases(rewriter, weights),
    step: (projected, { hidden, cell }) => {
      const [i, o, f, c] = rewriter.split(recur(projected, hidden), sizes, -1);
      const added = rewriter.op("Mul", [rewriter.op(gate, [i!]), rewriter.op(candidate, [c!])]);
      const kept = cell && rewriter.op("Mul", [rewriter.op(gate, [f!]), cell]);
      const next = kept === undefined ? added : rewriter.op("Add", [kept, added]);
      const output = rewriter.op("Mul", [rewriter.op(gate, [o!]), rewriter.op(result, [next])]);
      return { hidden: output, cell: next };
    },
  };
};

/**
 * Gates update, reset and hidden: `H' = (1 - z) n + z H`, where the candidate n sees the state after
 * the reset gate, or (`linear_before_reset`) the recurrence of the state does.
 */
export const gruCell: CellKind = (rewriter, weights) =>
  intAttribute(rewriter.node, "linear_before_reset", 0) === 1
    ? resetAfterCell(rewriter, weights)
    : resetBeforeCell(rewriter, weights);

const resetBeforeCell: CellKind = (rewriter, weights) => {
  const { hiddenSize, recurrence: matrix } = weights;
  const [gate, candidate] = weights.activations as [string, string];
  const sizes = [2 * hiddenSize, hiddenSize];
  const [gateMatrix, candidateMatrix] = rewriter.split(matrix, sizes, 0);
  const recurGates = recurrence(rewriter, gateMatrix!);
  const recurCandidate = recurrence(rewriter, candidateMatrix!);
  return {
    inputBias: sumOfBiases(rewriter, weights),
    step: (projected, { hidden }) => {
      const [gates, input] = rewriter.split(projected, sizes, -1);
      const activated = rewriter.op(gate, [recurGates(gates!, hidden)]);
      const [z, r] = rewriter.split(activated, [hiddenSize, hiddenSize], -1);
      const reset = hidden && rewriter.op("Mul", [r!, hidden]);
      const n = rewriter.op(candidate, [recurCandidate(input!, reset)]);
      return { hidden: interpolate(rewriter, n, z!, hidden) };
    },
  };
};

const resetAfterCell: CellKind = (rewriter, weights) => {
  const { hiddenSize, biases } = weights;
  const [gate, candidate] = weights.activations as [string, string];
  const thirds = [hiddenSize, hiddenSize, hiddenSize];
  const turned = rewriter.op("Transpose", [weights.recurrence], { perm: [1, 0] });
  const recur = (hidden: string | undefined): string | undefined => {
    const product = hidden && rewriter.op("MatMul", [hidden, turned]);
    const bias = biases?.[1];
    return product && bias ? rewriter.op("Add", [product, bias]) : (product ?? bias);
  };
  return {
    inputBias: biases?.[0],
    step: (projected, { hidden }) => {
      const inputs = rewriter.split(projected, thirds, -1);
      const recurrent = recur(hidden);
      const states = recurrent === undefined ? [] : rewriter.split(recurrent, thirds, -1);
      const joined = (index: number, state: string | undefined) =>
        state === undefined ? inputs[index]! : rewriter.op("Add", [inputs[index]!, state]);
      const z = rewriter.op(gate, [joined(0, states[0])]);
      const r = states[1] && rewriter.op(gate, [joined(1, states[1])]);
      const reset = r && rewriter.op("Mul", [r, states[2]!]);
      const n = rewriter.op(candidate, [joined(2, reset)]);
      return { hidden: interpolate(rewriter, n, z, hidden) };
    },
  };
};

/** `(1 - z) n + z H`, written as `n + z (H - n)`. */
function interpolate(
  rewriter: NodeRewriter,
  n: string,
  z: string,
  hidden: string | undefined,
): string {
  if (hidden === undefined) return rewriter.op("Sub", [n, rewriter.op("Mul", [z, n])]);
  const change = rewriter.op("Mul", [z, rewriter.op("Sub", [hidden, n])]);
  return rewriter.op("Add", [n, change]);
}

/** Returns a function that adds `H R'` to a projected input. */
function recurrence(
  rewriter: NodeRewriter,
  matrix: string,
): (projected: string, hidden: string | undefined) => string {
  const turned = rewriter.op("Transpose", [matrix], { perm: [1, 0] });
  return (projected, hidden) =>
    hidden === undefined
      ? projected
      : rewriter.op("Add", [projected, rewriter.op("MatMul", [hidden, turned])]);
}

function sumOfBiases(rewriter: NodeRewriter, { biases }: DirectionWeights): string | undefined {
  return biases && rewriter.op("Add", [...biases]);
}
