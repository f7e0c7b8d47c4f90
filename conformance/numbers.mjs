// Figures over vectors.

/** Euclidean norm. */
export function norm(values) {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

export function relative(actual, expected) {
  return Math.abs(actual - expected) / Math.abs(expected);
}
