/** Numbers in single or double precision. Sums over them are taken in double precision. */
export type Vector = Float32Array | Float64Array;

/** `Σ aᵢ bᵢ` */
export function dot(a: Vector, b: Vector): number {
  const length = a.length;
  const unrolled = length - (length % 4);
  // Four independent sums hide the latency of the addition.
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < unrolled; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = unrolled; i < length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** `y ← y + factor · x`. */
export function addScaled(y: Vector, factor: number, x: Vector): void {
  const length = y.length;
  const unrolled = length - (length % 4);
  for (let i = 0; i < unrolled; i += 4) {
    const y0 = y[i]! + factor * x[i]!;
    const y1 = y[i + 1]! + factor * x[i + 1]!;
    const y2 = y[i + 2]! + factor * x[i + 2]!;
    const y3 = y[i + 3]! + factor * x[i + 3]!;
    y[i] = y0;
    y[i + 1] = y1;
    y[i + 2] = y2;
    y[i + 3] = y3;
  }
  for (let i = unrolled; i < length; i++) y[i] = y[i]! + factor * x[i]!;
}

/** `y ← factor · y`. */
export function scale(y: Vector, factor: number): void {
  const length = y.length;
  const unrolled = length - (length % 4);
  for (let i = 0; i < unrolled; i += 4) {
    y[i] = y[i]! * factor;
    y[i + 1] = y[i + 1]! * factor;
    y[i + 2] = y[i + 2]! * factor;
    y[i + 3] = y[i + 3]! * factor;
  }
  for (let i = unrolled; i < length; i++) y[i] = y[i]! * factor;
}

/** Below this length a vector has no direction. */
const negligibleLength = 1e-12;

/**
 * Divides a vector by its Euclidean length, in place. One that is not longer than `negligible` becomes
 * zeros. Default: 1e-12, as in the graph of a head.
 */
export function toUnitLength(vector: Vector, negligible: number = negligibleLength): void {
  const length = Math.sqrt(dot(vector, vector));
  scale(vector, length > negligible ? 1 / length : 0);
}

/** Position of the largest value; of equal ones, the first. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if (values[index]! > values[best]!) best = index;
  }
  return best;
}
