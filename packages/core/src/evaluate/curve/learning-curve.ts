import { createRandom, type Random } from "../../random/random.js";
import { rowsByGroup } from "../groups/groups.js";
import type { Interval } from "../metrics/intervals.js";
import {
  errorAfter,
  examplesFor,
  fitPowerLaw,
  type MeasuredError,
  misfitOf,
  type PowerLaw,
} from "./power-law.js";

/** How often heads are wrong about each row of a data set that learned from so many of the others. */
export interface SizeMeasurement {
  readonly examples: number;
  /** For each tested row, the share of heads that were wrong, 0 to 1. */
  readonly wrong: Float64Array;
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
  readonly points: readonly MeasuredError[];
  /** The number of examples that there are: gains are counted from here. */
  readonly examples: number;
  readonly law: PowerLaw;
  /** Undefined where fewer than three sizes are at most half of the largest. */
  readonly backTest: BackTest | undefined;
  /** The law from the smallest size that was measured to four times `examples`. */
  readonly forecast: readonly ForecastPoint[];
  /** The laws of resampled rows: how else the curve might go on. */
  readonly resampled: readonly PowerLaw[];
}

/** How many more examples make the error smaller by some gain. */
export interface MoreExamples {
  /** By the law of the curve. */
  readonly about: number;
  /** The same by the resampled laws: 80 of 100 are in between. */
  readonly interval: Interval;
}

/** What some more examples are forecast to bring. */
export interface GainForecast {
  /** The error after them. */
  readonly error: number;
  readonly interval: Interval;
  /** How much smaller the error is than with the examples that there are. */
  readonly gain: number;
  readonly gainInterval: Interval;
}

const RESAMPLES = 400;
/** Of the resampled laws, this share is cut off on either side. */
const TAIL = 0.1;
/** A forecast reaches to this many times the examples that there are: beyond, none is reliable. */
const REACH = 4;
/** Sizes at which the forecast is given, evenly spaced on a logarithmic scale. */
const FORECAST_SIZES = 33;
/** A law has three parameters: so many points bear it out only just. */
const PARAMETERS = 3;

/**
 * Draws the power law through a learning curve and says where it leads. How far that can be trusted is
 * found by resampling: the tested rows, group by group and for all sizes alike (a bootstrap of the
 * curve, since the same rows are hard at every size), and for each size alone as much as the points lie
 * off the law.
 *
 * That error falls as a power of the number of examples is an observation, made over many tasks and
 * models (Hestness et al., arXiv 1712.00409, 2017; Viering and Loog, TPAMI 2023), and no theorem: hence
 * the back-test.
 *
 * @param measurements - Increasing number of examples; of the same rows. At least two.
 * @param options.groups - Group of each tested row: near-duplicates share one.
 * @param options.examples - The number of examples that there are.
 */
export function forecastLearning(
  measurements: readonly SizeMeasurement[],
  options: { readonly groups: Int32Array; readonly examples: number; readonly seed: number },
): LearningCurve {
  const random = createRandom(options.seed).derive("learning curve");
  const members = rowsByGroup(options.groups);
  const points = measurements.map((measurement) => pointOf(measurement, members));
  const law = fitPowerLaw(points);
  const resampled = resample(measurements, points, members, random.derive("all")).map(
    ({ law: other }) => other,
  );
  return {
    points,
    examples: options.examples,
    law,
    backTest: backTest(measurements, points, members, random.derive("early")),
    forecast: spacedSizes(points[0]!.examples, REACH * options.examples).map((examples) => ({
      examples,
      error: errorAfter(law, examples),
      interval: middle(resampled.map((other) => errorAfter(other, examples))),
    })),
    resampled,
  };
}

/**
 * How many more examples a gain in accuracy takes.
 *
 * @returns Undefined where nothing honest can be said: the back-test failed or could not be made, or
 *   the gain lies further away than a forecast reaches.
 */
export function examplesForGain(curve: LearningCurve, gain: number): MoreExamples | undefined {
  if (!curve.backTest?.holds) return undefined;
  const { examples } = curve;
  const needed = (law: PowerLaw): number =>
    examplesFor(law, errorAfter(law, examples) - gain) - examples;
  const about = needed(curve.law);
  const [lower, upper] = middle(curve.resampled.map(needed));
  const most = (REACH - 1) * examples;
  if (about > most || upper > most) return undefined;
  return {
    about: Math.ceil(about),
    interval: [Math.ceil(lower), Math.ceil(upper)],
  };
}

/**
 * What some more examples bring, by the law of the curve and with intervals of 80 of 100 cases.
 *
 * @returns Undefined where nothing honest can be said: the back-test failed or could not be made, or so
 *   many examples lie further away than a forecast reaches.
 */
export function forecastGain(curve: LearningCurve, more: number): GainForecast | undefined {
  const { examples, law, resampled, backTest } = curve;
  const after = examples + more;
  if (!backTest?.holds || after > REACH * examples) return undefined;
  const gainOf = (one: PowerLaw): number => errorAfter(one, examples) - errorAfter(one, after);
  return {
    error: errorAfter(law, after),
    interval: middle(resampled.map((one) => errorAfter(one, after))),
    gain: gainOf(law),
    gainInterval: middle(resampled.map(gainOf)),
  };
}

/** The mean over the rows, and its standard error if groups are drawn anew. */
function pointOf(
  { examples, wrong }: SizeMeasurement,
  members: readonly (readonly number[])[],
): MeasuredError {
  const error = wrong.reduce((sum, share) => sum + share, 0) / wrong.length;
  const variance = members.reduce((sum, rows) => {
    const moved = rows.reduce((total, row) => total + wrong[row]! - error, 0);
    return sum + moved ** 2;
  }, 0);
  // Where all rows are right, or none, one row more or less is the least that can be off.
  const standardError = Math.max(Math.sqrt(variance), 1) / wrong.length;
  return { examples, error, standardError };
}

/** A curve as it might have been measured, and the law through it. */
interface Resampled {
  readonly law: PowerLaw;
  /** How often each of the groups was drawn. */
  readonly counts: Int32Array;
}

function resample(
  measurements: readonly SizeMeasurement[],
  points: readonly MeasuredError[],
  members: readonly (readonly number[])[],
  random: Random,
): Resampled[] {
  const scatter = scatterOf(points);
  return Array.from({ length: RESAMPLES }, () => {
    const counts = new Int32Array(members.length);
    for (let drawn = 0; drawn < members.length; drawn++)
      counts[random.integer(members.length)]! += 1;
    const law = fitPowerLaw(
      points.map(({ examples, standardError }, index) => ({
        examples,
        standardError,
        error:
          meanOf(measurements[index]!.wrong, members, counts) +
          scatter * standardError * random.normal(),
      })),
    );
    return { law, counts };
  });
}

/**
 * How far points lie off their law, in standard errors. A point that is off by one is counted as well:
 * few points may happen to lie on a law.
 */
function scatterOf(points: readonly MeasuredError[]): number {
  const free = Math.max(0, points.length - PARAMETERS);
  return Math.sqrt((misfitOf(fitPowerLaw(points), points) + 1) / (free + 1));
}

function meanOf(
  wrong: Float64Array,
  members: readonly (readonly number[])[],
  counts: Int32Array,
): number {
  let [sum, rows] = [0, 0];
  members.forEach((group, index) => {
    for (const row of group) sum += counts[index]! * wrong[row]!;
    rows += counts[index]! * group.length;
  });
  return sum / rows;
}

/** Forecasts the largest size from those up to half of it. */
function backTest(
  measurements: readonly SizeMeasurement[],
  points: readonly MeasuredError[],
  members: readonly (readonly number[])[],
  random: Random,
): BackTest | undefined {
  const largest = points.at(-1)!;
  const early = points.filter(({ examples }) => examples <= largest.examples / 2);
  if (early.length < PARAMETERS) return undefined;
  const predicted = errorAfter(fitPowerLaw(early), largest.examples);
  const scatter = scatterOf(early);
  const { wrong } = measurements.at(-1)!;
  const said = resample(measurements, early, members, random).map(({ law, counts }) => {
    // Rows that are hard at every size move forecast and measurement alike, which is no error.
    const moved = meanOf(wrong, members, counts) - largest.error;
    const off = scatter * largest.standardError * random.normal();
    return errorAfter(law, largest.examples) - moved + off;
  });
  const interval = middle(said);
  return {
    fittedUpTo: early.at(-1)!.examples,
    examples: largest.examples,
    predicted,
    interval,
    measured: largest.error,
    holds: interval[0] <= largest.error && largest.error <= interval[1],
  };
}

/** What 80 of 100 values lie between. */
function middle(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return [at(TAIL), at(1 - TAIL)];
}

function spacedSizes(from: number, to: number): number[] {
  return Array.from({ length: FORECAST_SIZES }, (_, i) =>
    Math.round(from * (to / from) ** (i / (FORECAST_SIZES - 1))),
  );
}
