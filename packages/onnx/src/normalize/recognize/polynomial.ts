/** A coefficient times powers of variables; exponents may be negative or fractions. */
export interface Term {
  readonly coefficient: number;
  readonly powers: ReadonlyMap<string, number>;
}

/**
 * A sum of terms over named variables. It is a normal form: two ways of writing the same sums and
 * products, such as `0.5 * x * (1 + u)` and `x * (0.5 * u + 0.5)`, give equal polynomials.
 */
export type Polynomial = readonly Term[];

/** Expressions of interest have few terms; a product of long sums is not followed further. */
const MAX_TERMS = 16;

/** The largest whole power of a sum that is multiplied out. */
const MAX_POWER = 4;

export function constant(value: number): Polynomial {
  return [{ coefficient: value, powers: new Map() }];
}

export function variable(name: string): Polynomial {
  return [{ coefficient: 1, powers: new Map([[name, 1]]) }];
}

/** The value of a polynomial without variables. */
export function constantOf(polynomial: Polynomial): number | undefined {
  if (polynomial.length === 0) return 0;
  const [term] = polynomial;
  return polynomial.length === 1 && term!.powers.size === 0 ? term!.coefficient : undefined;
}

export function add(a: Polynomial, b: Polynomial): Polynomial {
  return collect([...a, ...b]);
}

export function multiply(a: Polynomial, b: Polynomial): Polynomial | undefined {
  if (a.length * b.length > MAX_TERMS) return undefined;
  return collect(a.flatMap((left) => b.map((right) => multiplyTerms(left, right))));
}

/** A power; `undefined` where it is no polynomial, such as the root of a sum. */
export function power(base: Polynomial, exponent: number): Polynomial | undefined {
  const [only] = base;
  if (only !== undefined && base.length === 1) {
    const coefficient = only.coefficient ** exponent;
    const powers = new Map(Array.from(only.powers, ([name, own]) => [name, own * exponent]));
    return Number.isFinite(coefficient) ? [{ coefficient, powers }] : undefined;
  }
  if (!Number.isInteger(exponent) || exponent < 1 || exponent > MAX_POWER) return undefined;
  let product: Polynomial | undefined = base;
  for (let count = 1; count < exponent; count++) product = product && multiply(product, base);
  return product;
}

/** Whether two polynomials have the same terms, with coefficients that agree to `tolerance`. */
export function agree(a: Polynomial, b: Polynomial, tolerance: number): boolean {
  const expected = new Map(b.map((term) => [keyOf(term), term.coefficient]));
  return (
    a.length === b.length &&
    a.every((term) => {
      const coefficient = expected.get(keyOf(term)) ?? Number.NaN;
      return Math.abs(term.coefficient - coefficient) <= tolerance * Math.abs(coefficient);
    })
  );
}

function multiplyTerms(a: Term, b: Term): Term {
  const powers = new Map(a.powers);
  for (const [name, exponent] of b.powers) powers.set(name, (powers.get(name) ?? 0) + exponent);
  for (const [name, exponent] of powers) if (exponent === 0) powers.delete(name);
  return { coefficient: a.coefficient * b.coefficient, powers };
}

/** Joins terms of the same variables, and drops what cancels. */
function collect(terms: readonly Term[]): Polynomial {
  const sums = new Map<string, Term>();
  for (const term of terms) {
    const key = keyOf(term);
    const coefficient = (sums.get(key)?.coefficient ?? 0) + term.coefficient;
    sums.set(key, { coefficient, powers: term.powers });
  }
  return [...sums.values()].filter(({ coefficient }) => coefficient !== 0);
}

function keyOf({ powers }: Term): string {
  const names = [...powers.keys()].sort();
  return JSON.stringify(names.map((name) => [name, powers.get(name)]));
}
