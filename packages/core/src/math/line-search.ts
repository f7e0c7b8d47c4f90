import type { Evaluation } from "./evaluation.js";
import { dot64, sumScaled64 } from "./vector64.js";

/** Share of the promised decrease that a step must deliver. */
const sufficientDecrease = 1e-4;
/** Share of the initial slope that may be left. */
const remainingSlope = 0.9;
/** Relative differences of the value below this are taken for rounding. */
const valueNoise = 1e-10;
const maxTrials = 25;

interface Sample {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/**
 * Looks along `direction` for a step that meets the strong Wolfe conditions (Nocedal and Wright,
 * algorithms 3.5 and 3.6, bracketing and zoom in one loop), by setting `trial.x` and yielding
 * `trial` until its value and gradient suit. Where values cannot be told apart any more, the
 * conditions on the slope alone decide (Hager and Zhang's approximate Wolfe conditions).
 *
 * @returns whether `trial` is now a point to go on from.
 */
export function* searchStep(
  origin: Evaluation,
  trial: Evaluation,
  direction: Float64Array,
  slope: number,
  firstStep: number,
): Generator<Evaluation, boolean, void> {
  const start: Sample = { step: 0, value: origin.value, slope };
  let low = start;
  let high: Sample | undefined;
  let step = firstStep;
  let last = start;
  for (let trials = 0; trials < maxTrials; trials++) {
    const sample = yield* evaluate(origin, trial, direction, step);
    if (isAcceptable(sample, start)) return true;
    last = sample;
    const tooHigh = !(decreasesEnough(sample, start) && sample.value < low.value);
    if (tooHigh) {
      high = sample;
    } else {
      const towardsHigh = high === undefined ? 1 : high.step - low.step;
      if (sample.slope * towardsHigh >= 0) high = low;
      low = sample;
    }
    step = high === undefined ? 4 * sample.step : interpolate(low, high);
    if (step === low.step) break;
  }
  // The bracket shrank to nothing: keep its lower end if that is an improvement at all.
  if (low === start) return false;
  if (low !== last) yield* evaluate(origin, trial, direction, low.step);
  return true;
}

function* evaluate(
  origin: Evaluation,
  trial: Evaluation,
  direction: Float64Array,
  step: number,
): Generator<Evaluation, Sample, void> {
  sumScaled64(trial.x, origin.x, step, direction);
  yield trial;
  return { step, value: trial.value, slope: dot64(trial.gradient, direction) };
}

function isAcceptable(sample: Sample, start: Sample): boolean {
  const flatEnough = Math.abs(sample.slope) <= -remainingSlope * start.slope;
  if (flatEnough && decreasesEnough(sample, start)) return true;
  const withinNoise = sample.value <= start.value + valueNoise * Math.abs(start.value);
  return withinNoise && flatEnough && sample.slope <= (2 * sufficientDecrease - 1) * start.slope;
}

function decreasesEnough(sample: Sample, start: Sample): boolean {
  return sample.value <= start.value + sufficientDecrease * sample.step * start.slope;
}

/** The minimiser of the cubic through both ends of the bracket, kept well inside of it. */
function interpolate(low: Sample, high: Sample): number {
  const width = high.step - low.step;
  const secant = (3 * (low.value - high.value)) / width + low.slope + high.slope;
  const root = Math.sqrt(secant * secant - low.slope * high.slope) * Math.sign(width);
  const cubic =
    high.step - (width * (high.slope + root - secant)) / (high.slope - low.slope + 2 * root);
  const share = (cubic - low.step) / width;
  // An overflowing objective has no usable cubic: halve.
  const inside = Number.isFinite(share) ? Math.min(0.9, Math.max(0.1, share)) : 0.5;
  return low.step + inside * width;
}
