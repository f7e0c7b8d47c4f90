/**
 * Loops over numbers in double precision alone, for the solver, which spends its time in them. They give
 * the same bits as those of `vector.ts`. But a loop that has seen both precisions is compiled to look
 * at each array's type again and again, and takes two to three times as long.
 *
 * They take arrays and nothing else: a loop that reads arrays from objects is given up by the compiler
 * when the shape of one object changes, and may then be interpreted for good, at 20 times the time.
 */

/** `Σ aᵢ bᵢ` */
export function dot64(a: Float64Array, b: Float64Array): number {
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

/**
 * `y ← y + factor · x`, in one pass with what comes next:
 *
 * @returns `Σ yᵢ zᵢ` of the new `y`.
 */
export function addScaledThenDot64(
  y: Float64Array,
  factor: number,
  x: Float64Array,
  z: Float64Array,
): number {
  const length = y.length;
  const unrolled = length - (length % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < unrolled; i += 4) {
    const y0 = y[i]! + factor * x[i]!;
    const y1 = y[i + 1]! + factor * x[i + 1]!;
    const y2 = y[i + 2]! + factor * x[i + 2]!;
    const y3 = y[i + 3]! + factor * x[i + 3]!;
    y[i] = y0;
    y[i + 1] = y1;
    y[i + 2] = y2;
    y[i + 3] = y3;
    s0 += y0 * z[i]!;
    s1 += y1 * z[i + 1]!;
    s2 += y2 * z[i + 2]!;
    s3 += y3 * z[i + 3]!;
  }
  for (let i = unrolled; i < length; i++) {
    const y0 = y[i]! + factor * x[i]!;
    y[i] = y0;
    s0 += y0 * z[i]!;
  }
  return s0 + s1 + (s2 + s3);
}

/** `y ← factor · y`. */
export function scale64(y: Float64Array, factor: number): void {
  for (let i = 0; i < y.length; i++) y[i] = y[i]! * factor;
}

/** `y ← -x`. */
export function negate64(y: Float64Array, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] = -x[i]!;
}

/** `y ← x + factor · z`. */
export function sumScaled64(
  y: Float64Array,
  x: Float64Array,
  factor: number,
  z: Float64Array,
): void {
  for (let i = 0; i < y.length; i++) y[i] = x[i]! + factor * z[i]!;
}

/** `y ← a - b`. */
export function subtract64(y: Float64Array, a: Float64Array, b: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] = a[i]! - b[i]!;
}

/** `Σ aᵢ bᵢ`, added up one by one, which gives other bits than {@link dot64}. */
export function dotInOrder64(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
