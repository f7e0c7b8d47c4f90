import { intAttribute } from "../../ir/attributes.js";
import { toFloat32 } from "../../ir/tensor/convert.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { elementCount, type NumericDataType, tensorOf } from "../../ir/tensor/tensor-data.js";
import { broadcastIndices } from "./indices.js";
import type { Kernel, StaticType } from "./kernel.js";
import { floatsOf, integersOf, isFloat, larger, smaller, tensorOfIntegers } from "./numbers.js";

/** Arithmetic, comparison and logic, element by element. */

interface Unary {
  readonly float: (x: number) => number;
  readonly integer?: (x: bigint) => bigint;
}

interface Binary {
  readonly float: (a: number, b: number) => number;
  readonly integer: (a: bigint, b: bigint) => bigint;
}

function unary({ float, integer }: Unary): Kernel {
  return (_, [input], { dtype, dims }) => {
    if (isFloat(dtype)) return tensorOf(dtype, dims, Array.from(floatsOf(input!), float));
    return integer && tensorOfIntegers(dtype, dims, Array.from(integersOf(input!), integer));
  };
}

/** Applied from left to right where there are more than two inputs (`Max`, `Min`, `Sum`). */
function variadic({ float, integer }: Binary): Kernel {
  return (_, inputs, output) =>
    isFloat(output.dtype)
      ? combineFloats(inputs, output, float)
      : tensorOfIntegers(
          output.dtype,
          output.dims,
          combine(inputs.map(readIntegers(output)), integer),
        );
}

function combineFloats(
  inputs: readonly Tensor<NumericDataType>[],
  output: StaticType,
  operation: (a: number, b: number) => number,
): Tensor {
  const values = combine(inputs.map(readFloats(output)), operation);
  return tensorOf(output.dtype, output.dims, values);
}

function combine<T>(inputs: readonly T[][], operation: (a: T, b: T) => T): T[] {
  return inputs.reduce((left, right) => left.map((value, i) => operation(value, right[i]!)));
}

const readFloats = (output: StaticType) => (tensor: Tensor<NumericDataType>) =>
  broadcast(floatsOf(tensor), tensor, output);
const readIntegers = (output: StaticType) => (tensor: Tensor<NumericDataType>) =>
  broadcast(integersOf(tensor), tensor, output);

function broadcast<T>(values: ArrayLike<T>, { dims }: Tensor, output: StaticType): T[] {
  const indices = broadcastIndices(dims, output.dims);
  return Array.from({ length: elementCount(output.dims) }, (_, i) => values[indices[i]!]!);
}

/** Comparisons and logic hold for numbers and bigints alike. */
function predicate(holds: (a: number | bigint, b: number | bigint) => boolean): Kernel {
  return (_, inputs, output) => {
    const usesFloats = inputs.some(({ dtype }) => isFloat(dtype));
    const [left, right]: (number | bigint)[][] = inputs.map((input) =>
      usesFloats ? readFloats(output)(input) : readIntegers(output)(input),
    );
    const flags = left!.map((value, i) => (holds(value, right![i]!) ? 1n : 0n));
    return tensorOfIntegers("bool", output.dims, flags);
  };
}

/** Division by an integer zero has no result; the node stays for the runtime to report. */
function unlessZeroDivisor(kernel: Kernel): Kernel {
  return (view, inputs, output) => {
    const divides = !isFloat(output.dtype) && Array.from(floatsOf(inputs[1]!)).includes(0);
    return divides ? undefined : kernel(view, inputs, output);
  };
}

const quotient = variadic({ float: (a, b) => a / b, integer: (a, b) => a / b });
/** `fmod` keeps the sign of the dividend, as `%` does in JavaScript. */
const remainder = variadic({ float: (a, b) => a % b, integer: (a, b) => a % b });
/** Without `fmod` the sign is the divisor's. */
const modulus = variadic({
  float: (a, b) => a - b * Math.floor(a / b),
  integer: (a, b) => ((a % b) + b) % b,
});

/** The exponent may be of another type; an integer base is rounded towards zero. */
const power: Kernel = (_, inputs, output) => {
  const values = combine(inputs.map(readFloats(output)), (a, b) => a ** b);
  const rounded = isFloat(output.dtype) ? values : values.map(Math.trunc);
  return rounded.every(Number.isSafeInteger) || isFloat(output.dtype)
    ? tensorOf(output.dtype, output.dims, rounded)
    : undefined;
};

/** Ties go to the even neighbour. */
function roundToEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Element types have been checked by the rule, so that storage alone is left to convert. */
const cast: Kernel = (_, [input], { dtype, dims }) => {
  // Weights stored in 16 bits are the one large case: they are widened in one go.
  const widened = dtype === "float32" ? toFloat32(input!) : undefined;
  if (widened !== undefined) return widened;
  if (isFloat(dtype)) return tensorOf(dtype, dims, Array.from(floatsOf(input!)));
  if (!isFloat(input!.dtype)) {
    const values = Array.from(integersOf(input!));
    return tensorOfIntegers(
      dtype,
      dims,
      dtype === "bool" ? values.map((x) => (x === 0n ? 0n : 1n)) : values,
    );
  }
  const values = Array.from(floatsOf(input!));
  if (dtype === "bool")
    return tensorOfIntegers(
      dtype,
      dims,
      values.map((x) => (x === 0 ? 0n : 1n)),
    );
  // What becomes of infinities and NaN depends on the machine.
  if (!values.every(Number.isFinite)) return undefined;
  return tensorOfIntegers(
    dtype,
    dims,
    values.map((x) => BigInt(Math.trunc(x))),
  );
};

export const elementwiseKernels: ReadonlyMap<string, Kernel> = new Map([
  ["Add", variadic({ float: (a, b) => a + b, integer: (a, b) => a + b })],
  ["Sum", variadic({ float: (a, b) => a + b, integer: (a, b) => a + b })],
  ["Sub", variadic({ float: (a, b) => a - b, integer: (a, b) => a - b })],
  ["Mul", variadic({ float: (a, b) => a * b, integer: (a, b) => a * b })],
  ["Div", unlessZeroDivisor(quotient)],
  [
    "Mod",
    unlessZeroDivisor((view, inputs, output) =>
      (intAttribute(view.node, "fmod", 0) === 1 ? remainder : modulus)(view, inputs, output),
    ),
  ],
  ["Max", variadic({ float: Math.max, integer: larger })],
  ["Min", variadic({ float: Math.min, integer: smaller })],
  ["Pow", power],
  ["Neg", unary({ float: (x) => -x, integer: (x) => -x })],
  ["Abs", unary({ float: Math.abs, integer: (x) => (x < 0n ? -x : x) })],
  ["Sign", unary({ float: Math.sign, integer: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) })],
  ["Floor", unary({ float: Math.floor })],
  ["Ceil", unary({ float: Math.ceil })],
  ["Round", unary({ float: roundToEven })],
  ["Sqrt", unary({ float: Math.sqrt })],
  ["Reciprocal", unary({ float: (x) => 1 / x })],
  ["Exp", unary({ float: Math.exp })],
  ["Log", unary({ float: Math.log })],
  ["Sin", unary({ float: Math.sin })],
  ["Cos", unary({ float: Math.cos })],
  ["Tanh", unary({ float: Math.tanh })],
  ["Not", unary({ float: Number, integer: (x) => 1n - x })],
  ["And", predicate((a, b) => Boolean(a) && Boolean(b))],
  ["Or", predicate((a, b) => Boolean(a) || Boolean(b))],
  ["Xor", predicate((a, b) => a !== b)],
  ["Equal", predicate((a, b) => a === b)],
  ["Greater", predicate((a, b) => a > b)],
  ["GreaterOrEqual", predicate((a, b) => a >= b)],
  ["Less", predicate((a, b) => a < b)],
  ["LessOrEqual", predicate((a, b) => a <= b)],
  ["Cast", cast],
  ["CastLike", cast],
]);
