/** The error after `n` examples is `a · n^-b + c`, with a >= 0, 0 < b <= 2 and c >= 0. */
export interface PowerLaw {
  readonly a: number;
  readonly b: number;
  /** The error that no number of examples gets below. */
  readonly c: number;
}

/** An error that was measured after so many examples. */
export interface MeasuredError {
  readonly examples: number;
  readonly error: number;
  /** How little it is to be trusted: its standard error, or anything in proportion to it. Above 0. */
  readonly standardError: number;
}

/** Exponents that are tried: 0.02 to 2, in steps of 0.02. */
const EXPONENTS: readonly number[] = Array.from({ length: 100 }, (_, i) => (i + 1) / 50);

/** The error that a law gives after so many examples. */
export function errorAfter({ a, b, c }: PowerLaw, examples: number): number {
  return a * examples ** -b + c;
}

/** How many examples a law takes to an error; infinite where it never gets there. */
export function examplesFor({ a, b, c }: PowerLaw, error: number): number {
  return error > c ? (a / (error - c)) ** (1 / b) : Number.POSITIVE_INFINITY;
}

/** The law that goes best through some points, by weighted least squares. */
export function fitPowerLaw(points: readonly MeasuredError[]): PowerLaw {
  let best: PowerLaw = { a: 0, b: 1, c: 0 };
  let least = Number.POSITIVE_INFINITY;
  for (const b of EXPONENTS) {
    for (const law of candidates(points, b)) {
      const misfit = misfitOf(law, points);
      if (misfit < least) [best, least] = [law, misfit];
    }
  }
  return best;
}

/** Sum over the points of squared distances to a law, in standard errors. */
export function misfitOf(law: PowerLaw, points: readonly MeasuredError[]): number {
  return points.reduce(
    (sum, { examples, error, standardError }) =>
      sum + ((errorAfter(law, examples) - error) / standardError) ** 2,
    0,
  );
}

/** Weighted least squares for one exponent: the free solution, or where it is out of bounds those on them. */
function candidates(points: readonly MeasuredError[], b: number): PowerLaw[] {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { examples, error, standardError } of points) {
    const weight = 1 / standardError ** 2;
    const x = examples ** -b;
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * error;
    wxy += weight * x * error;
  }
  const a = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  const c = (wy - a * wx) / w;
  if (a >= 0 && c >= 0) return [{ a, b, c }];
  return [
    { a: 0, b, c: Math.max(0, wy / w) },
    { a: Math.max(0, wxy / wxx), b, c: 0 },
  ];
}
