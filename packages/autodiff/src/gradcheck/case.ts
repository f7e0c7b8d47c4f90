import type { AttributeInput, DataType } from "@engraft/onnx";

/** One node, or a small graph, and inputs on which its gradients are checked. */
export interface GradientCase {
  /** The operator whose rule is checked. */
  readonly operator: string;
  /** What is special about this case: a shape, an attribute, a form. */
  readonly name: string;
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** `null` for an optional input that is left out. */
  readonly inputs: readonly (CaseInput | null)[];
  /** Number of outputs that the node has. Default: 1. */
  readonly outputs?: number;
  /** The outputs that the loss reads. Default: every floating-point output. */
  readonly read?: readonly number[];
  /** Operator set. Default: 21. */
  readonly opset?: number;
  /**
   * Inputs in which the operator is linear: there `<y, seed> = <x, gradient>` must hold to rounding,
   * which is the adjoint identity `<J v, u> = <v, Jᵀ u>`.
   */
  readonly linear?: readonly number[];
  /** Whether ONNX Runtime has float64 kernels: then the differences are taken in float64. */
  readonly float64?: boolean;
  /** Dimensions that get names in the second run: all (the default), the first only, or none. */
  readonly dynamic?: "all" | "first" | "none";
  /**
   * The gradient by each input for a seed of ones, in place of differences: for values at kinks.
   * The kinks are those of PyTorch 2.15.
   */
  readonly expected?: readonly (readonly number[] | undefined)[];
  /** Relative error that differences may show, for strongly curved functions. Default: 1e-3. */
  readonly tolerance?: number;
}

/** One input of a {@link GradientCase}. */
export interface CaseInput {
  readonly dims: readonly number[];
  /** `float` is float32 or float64, whichever the check runs in. */
  readonly dtype: "float" | Extract<DataType, "int64" | "int32" | "int8" | "bool">;
  /** The values, from draws of the uniform distribution on [0, 1). */
  readonly values: (random: () => number, count: number) => readonly number[];
  /** Whether it is an initializer. Default: it is fed. */
  readonly constant?: boolean;
  /** Whether it is differentiated by. Default: where it holds floats. */
  readonly differentiate?: boolean;
}

/** Draws value by value. */
export function drawn(dims: readonly number[], draw: (random: () => number) => number): CaseInput {
  const values = (random: () => number, count: number) =>
    Array.from({ length: count }, () => draw(random));
  return { dims, dtype: "float", values };
}

/** Uniform between two bounds. */
export function uniform(dims: readonly number[], low: number, high: number): CaseInput {
  return drawn(dims, (random) => low + (high - low) * random());
}

/** Between -2 and 2. */
export function real(dims: readonly number[]): CaseInput {
  return uniform(dims, -2, 2);
}

/** Between 0.5 and 2. */
export function positive(dims: readonly number[]): CaseInput {
  return uniform(dims, 0.5, 2);
}

/** Of both signs and between 0.5 and 2 in size: for denominators. */
export function nonZero(dims: readonly number[]): CaseInput {
  return drawn(dims, (random) => (random() < 0.5 ? -1 : 1) * (0.5 + 1.5 * random()));
}

/** Between -`reach` and `reach`, at least 0.1 from each of the given kinks. */
export function awayFrom(kinks: readonly number[], dims: readonly number[], reach = 3): CaseInput {
  return drawn(dims, (random) => {
    for (;;) {
      const value = (2 * random() - 1) * reach;
      if (kinks.every((kink) => Math.abs(value - kink) > 0.1)) return value;
    }
  });
}

/** Distinct values 0.25 apart, shuffled: for operators that compare elements. */
export function distinct(dims: readonly number[]): CaseInput {
  const values = (random: () => number, count: number) => {
    const grid = Array.from({ length: count }, (_, i) => 0.25 * (i - count / 2) + 0.1);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [grid[i], grid[j]] = [grid[j]!, grid[i]!];
    }
    return grid;
  };
  return { dims, dtype: "float", values };
}

/** Exactly these floats. */
export function given(
  values: readonly number[],
  dims: readonly number[] = [values.length],
): CaseInput {
  return { dims, dtype: "float", values: () => values };
}

/** Exactly these 64-bit integers, fed. */
export function indices(
  values: readonly number[],
  dims: readonly number[] = [values.length],
): CaseInput {
  return { dims, dtype: "int64", values: () => values };
}

/** Exactly these 64-bit integers, as an initializer: axes, shapes, pads. */
export function ints(values: readonly number[]): CaseInput {
  return { ...indices(values), constant: true };
}

/** Exactly these booleans, fed. */
export function bools(values: readonly boolean[], dims: readonly number[]): CaseInput {
  return { dims, dtype: "bool", values: () => values.map(Number) };
}

/** The same input as an initializer, which is not differentiated by. */
export function constant(input: CaseInput): CaseInput {
  return { ...input, constant: true, differentiate: false };
}

/** The same input, not differentiated by. */
export function frozen(input: CaseInput): CaseInput {
  return { ...input, differentiate: false };
}

/** The same operator and settings over several lists of inputs. */
export function ladder(
  base: Omit<GradientCase, "name" | "inputs">,
  lists: readonly (readonly (CaseInput | null)[])[],
): GradientCase[] {
  return lists.map((inputs) => {
    const shapes = inputs.map((input) => (input === null ? "none" : `[${input.dims.join(", ")}]`));
    return { ...base, name: shapes.join(" "), inputs };
  });
}

/** One input in several shapes, from a scalar up. */
export function unary(input: (dims: readonly number[]) => CaseInput): CaseInput[][] {
  return [[2, 3], [], [1], [2, 1, 3]].map((dims) => [input(dims)]);
}

/** Shapes of two operands that broadcast, either way and both ways. */
export const broadcastShapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [2, 3]],
  [[2, 3], []],
  [[1], [2, 1, 3]],
  [[], []],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [
    [1, 3],
    [1, 3],
  ],
];
