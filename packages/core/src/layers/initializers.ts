import type { Random } from "../random/random.js";

/**
 * How a new weight starts.
 * - `glorot-uniform`: uniform within ±sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010);
 * - `he-normal`: normal with variance 2 / fan in, for what a ReLU follows (He et al. 2015);
 * - `he-uniform`: uniform within ±sqrt(6 / fan in);
 * - `normal`: normal with standard deviation 0.02, as transformers do;
 * - `zeros`, `ones`.
 */
export type Initializer =
  | "glorot-uniform"
  | "he-normal"
  | "he-uniform"
  | "normal"
  | "zeros"
  | "ones";

/** Standard deviation of the initializer `normal`. */
const NORMAL_DEVIATION = 0.02;

/**
 * Values for a weight of a shape. Matrices are [inputs, outputs], kernels are
 * [outputs, inputs per group, ...window].
 */
export function initialValues(
  initializer: Initializer,
  shape: readonly number[],
  random: Random,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const { fanIn, fanOut } = fansOf(shape);
  const uniform = (limit: number) => () => (2 * random.double() - 1) * limit;
  switch (initializer) {
    case "glorot-uniform":
      return fill(values, uniform(Math.sqrt(6 / (fanIn + fanOut))));
    case "he-uniform":
      return fill(values, uniform(Math.sqrt(6 / fanIn)));
    case "he-normal":
      return fill(values, () => random.normal() * Math.sqrt(2 / fanIn));
    case "normal":
      return fill(values, () => random.normal() * NORMAL_DEVIATION);
    case "zeros":
      return values;
    case "ones":
      return values.fill(1);
  }
}

function fill(values: Float32Array<ArrayBuffer>, draw: () => number): Float32Array<ArrayBuffer> {
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return values;
}

function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [first = 1, second = 1, ...window] = shape;
  if (window.length === 0) return { fanIn: first, fanOut: second };
  const places = window.reduce((product, size) => product * size, 1);
  return { fanIn: second * places, fanOut: first * places };
}
