import { createRandom } from "../../random/random.js";

/** Two classifiers on the same examples. */
export interface PairedComparison {
  readonly n: number;
  /** Accuracy of each. */
  readonly accuracy: readonly [number, number];
  /** Accuracy of the second minus that of the first. */
  readonly difference: number;
  /** 95 % interval of the difference: percentile bootstrap over the examples. */
  readonly interval: readonly [low: number, high: number];
  /** Examples that only the first, and only the second, has right. */
  readonly onlyRight: readonly [number, number];
  /**
   * Exact McNemar test, two-sided: how often chance alone makes two equally good classifiers differ so
   * much or more (McNemar, Psychometrika 1947).
   */
  readonly pValue: number;
}

const RESAMPLES = 2_000;

/**
 * Compares two classifiers by the examples on which only one of them is right; the others say nothing
 * about which is better.
 *
 * @param right - For each classifier, whether it is right about each example: 1 or 0.
 * @throws {RangeError} when there are no examples, or not as many for both.
 */
export function comparePaired(
  right: readonly [Uint8Array, Uint8Array],
  seed: number = 1,
): PairedComparison {
  const [first, second] = right;
  const n = first.length;
  if (n === 0 || n !== second.length) {
    throw new RangeError(`There are ${n} answers to compare with ${second.length}.`);
  }
  const onlyRight = [0, 0] as [number, number];
  const correct = [0, 0] as [number, number];
  for (let i = 0; i < n; i++) {
    correct[0] += first[i]!;
    correct[1] += second[i]!;
    if (first[i] !== second[i]) onlyRight[first[i] === 1 ? 0 : 1] += 1;
  }
  return {
    n,
    accuracy: [correct[0] / n, correct[1] / n],
    difference: (correct[1] - correct[0]) / n,
    interval: bootstrap(n, onlyRight, seed),
    onlyRight,
    pValue: signTest(onlyRight),
  };
}

/**
 * Resampling examples draws the numbers of those that only one has right from a multinomial
 * distribution, so these are drawn directly: example by example, but without the examples.
 */
function bootstrap(
  n: number,
  [first, second]: readonly [number, number],
  seed: number,
): [number, number] {
  const random = createRandom(seed).derive("paired bootstrap");
  const differences = Float64Array.from({ length: RESAMPLES }, () => {
    let difference = 0;
    for (let i = 0; i < n; i++) {
      const drawn = random.double() * n;
      if (drawn < first) difference -= 1;
      else if (drawn < first + second) difference += 1;
    }
    return difference / n;
  }).sort();
  return [
    differences[Math.floor(0.025 * RESAMPLES)]!,
    differences[Math.ceil(0.975 * RESAMPLES) - 1]!,
  ];
}

/** Two-sided binomial test of a fair coin, exact. */
function signTest([a, b]: readonly [number, number]): number {
  const n = a + b;
  const fewer = Math.min(a, b);
  // Logarithms: 0.5ⁿ is 0 beyond a thousand examples.
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log(n - k + 1) - Math.log(k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
