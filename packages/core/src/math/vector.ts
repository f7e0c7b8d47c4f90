type Vector = Float32Array | Float64Array;

/** `Σ aᵢ bᵢ`, summed in double precision. */
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
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + factor * x[i]!;
}

/** `y ← factor · y`. */
export function scale(y: Vector, factor: number): void {
  for (let i = 0; i < y.length; i++) y[i] = y[i]! * factor;
}
