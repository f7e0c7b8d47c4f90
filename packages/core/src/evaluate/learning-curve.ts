import { createRandom, type Random } from "../random/random.js";
import type { Interval } from "./intervals.js";

/** How often a classifier is wrong that learned from so many examples. */
export interface LearningPoint {
  readonly examples: number;
  /** Share of the test rows that are wrong, mean over several draws of the training examples. */
  readonly error: number;
  /** Standard error of that mean. */
  readonly standardError: number;
}

/** The error after `n` examples is `a · n^-b + c`, with a >= 0, 0 < b <= 2 and c >= 0. */
export interface PowerLaw {
  readonly a: number;
  readonly b: number;
  /** The error that no number of examples gets below. */
  readonly c: number;
}

/** The error that is expected after so many examples. */
export interface ForecastPoint {
  readonly examples: number;
  readonly error: number;
  /** Holds the mean error in about 80 of 100 cases, if the curve goes on as it began. */
  readonly interval: Interval;
}

/** What a forecast made with half of the examples said about the largest size that was measured. */
export interface BackTest {
  /** The largest size that the forecast knew. */
  readonly fittedUpTo: number;
  /** The size that it was asked about. */
  readonly examples: number;
  readonly predicted: number;
  readonly interval: Interval;
  readonly measured: number;
  /** Whether the interval holds what was measured. */
  readonly holds: boolean;
}

/** A learning curve: what was measured, the law that goes through it, and where it leads. */
export interface LearningCurve {
  /** Increasing number of examples. */
  readonly points: readonly LearningPoint[];
  /** The number of examples that there are: gains are counted from here. */
  readonly examples: number;
  readonly law: PowerLaw;
  /** Undefined where fewer than three sizes are at most half of the largest. */
  readonly backTest: BackTest | undefined;
  /** The law from the smallest size that was measured to four times `examples`. */
  readonly forecast: readonly ForecastPoint[];
  /** The laws of resampled points: how else the curve might go on. */
  readonly resampled: readonly PowerLaw[];
}

/** How many more examples make the error smaller by some gain. */
export interface MoreExamples {
  /** By the law of the curve. */
  readonly about: number;
  /** The same by the resampled laws: 80 of 100 are in between. */
  readonly interval: Interval;
}

const RESAMPLES = 400;
/** Of the resampled laws, this share is cut off on either side. */
const TAIL = 0.1;
/** A forecast reaches to this many times the examples that there are: beyond, none is reliable. */
const REACH = 4;
/** Sizes at which the forecast is given, evenly spaced on a logarithmic scale. */
const FORECAST_SIZES = 33;

export function forecastLearning(
  points: readonly LearningPoint[],
  options: { readonly examples: number; readonly seed: number },
): LearningCurve {
  const random = createRandom(options.seed).derive("learning curve");
  const largest = points.at(-1)!;
  const early = points.filter(({ examples }) => examples <= largest.examples / 2);
  const law = fitPowerLaw(points);
  const resampled = resampleLaws(points, random.derive("all"));
  return {
    points,
    examples: options.examples,
    law,
    backTest: early.length < 3 ? undefined : backTest(early, largest, random.derive("early")),
    forecast: spacedSizes(points[0]!.examples, REACH * options.examples).map((examples) => ({
      examples,
      error: errorAfter(law, examples),
      interval: bandAt(resampled, examples),
    })),
    resampled,
  };
}

export function examplesForGain(curve: LearningCurve, gain: number): MoreExamples | undefined {
  if (!curve.backTest?.holds) return undefined;
  const needed = (law: PowerLaw): number => neededFor(law, curve.examples, gain);
  const about = needed(curve.law);
  const all = Float64Array.from(curve.resampled, needed).sort();
  const [lower, upper] = [quantile(all, TAIL), quantile(all, 1 - TAIL)];
  const most = (REACH - 1) * curve.examples;
  if (about > most || upper > most) return undefined;
  return {
    about: Math.ceil(about),
    interval: { lower: Math.ceil(lower), upper: Math.ceil(upper) },
  };
}

function neededFor(law: PowerLaw, from: number, gain: number): number {
  const share = (errorAfter(law, from) - gain - law.c) / law.a;
  return share > 0 ? share ** (-1 / law.b) - from : Number.POSITIVE_INFINITY;
}

export function errorAfter({ a, b, c }: PowerLaw, examples: number): number {
  return a * examples ** -b + c;
}

function backTest(
  early: readonly LearningPoint[],
  largest: LearningPoint,
  random: Random,
): BackTest {
  const laws = resampleLaws(early, random);
  // What was measured has an error of its own.
  const said = Float64Array.from(
    laws,
    (law) => errorAfter(law, largest.examples) + random.normal() * largest.standardError,
  ).sort();
  const interval = { lower: quantile(said, TAIL), upper: quantile(said, 1 - TAIL) };
  return {
    fittedUpTo: early.at(-1)!.examples,
    examples: largest.examples,
    predicted: errorAfter(fitPowerLaw(early), largest.examples),
    interval,
    measured: largest.error,
    holds: interval.lower <= largest.error && largest.error <= interval.upper,
  };
}

function bandAt(laws: readonly PowerLaw[], examples: number): Interval {
  const errors = Float64Array.from(laws, (law) => errorAfter(law, examples)).sort();
  return { lower: quantile(errors, TAIL), upper: quantile(errors, 1 - TAIL) };
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))]!;
}

function resampleLaws(points: readonly LearningPoint[], random: Random): PowerLaw[] {
  return Array.from({ length: RESAMPLES }, () =>
    fitPowerLaw(
      points.map((point) => ({
        ...point,
        error: point.error + random.normal() * point.standardError,
      })),
    ),
  );
}

function spacedSizes(from: number, to: number): number[] {
  return Array.from({ length: FORECAST_SIZES }, (_, i) =>
    Math.round(from * (to / from) ** (i / (FORECAST_SIZES - 1))),
  );
}

const EXPONENTS: readonly number[] = Array.from({ length: 100 }, (_, i) => (i + 1) / 50);
const SMALLEST_STANDARD_ERROR = 1e-4;

export function fitPowerLaw(points: readonly LearningPoint[]): PowerLaw {
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

function weightOf({ standardError }: LearningPoint): number {
  return 1 / Math.max(standardError, SMALLEST_STANDARD_ERROR) ** 2;
}

function misfitOf(law: PowerLaw, points: readonly LearningPoint[]): number {
  return points.reduce(
    (sum, point) => sum + weightOf(point) * (errorAfter(law, point.examples) - point.error) ** 2,
    0,
  );
}

/** Weighted least squares for one exponent: the free solution, and those on the bounds. */
function candidates(points: readonly LearningPoint[], b: number): PowerLaw[] {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const point of points) {
    const weight = weightOf(point);
    const x = point.examples ** -b;
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * point.error;
    wxy += weight * x * point.error;
  }
  const a = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  const c = (wy - a * wx) / w;
  if (a >= 0 && c >= 0) return [{ a, b, c }];
  return [
    { a: 0, b, c: Math.max(0, wy / w) },
    { a: Math.max(0, wxy / wxx), b, c: 0 },
  ];
}
