import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import type { Matrix64 } from "../../math/matrix.js";
import { createRandom, type Random } from "../../random/random.js";
import {
  type Interval,
  type MetricName,
  measureWithIntervals,
  wilsonInterval,
} from "./intervals.js";
import { measure, type RowPredictions } from "./metrics.js";

const metrics: readonly MetricName[] = ["accuracy", "balancedAccuracy", "macroF1", "logLoss"];

const range = (length: number): Int32Array => Int32Array.from({ length }, (_, index) => index);

/** Log-probabilities that give `predicted[row]` the probability `confidence`. */
function confident(predicted: readonly number[], classes: number, confidence = 0.9): Matrix64 {
  const data = new Float64Array(predicted.length * classes);
  data.fill(Math.log((1 - confidence) / (classes - 1)));
  predicted.forEach((guess, row) => {
    data[row * classes + guess] = Math.log(confidence);
  });
  return { rows: predicted.length, cols: classes, data };
}

/** Predictions for every row that are right with a probability of its own class. */
function simulate(random: Random, targets: Int32Array, classes: number): RowPredictions {
  const predicted = Array.from(targets, (target) =>
    random.double() < 0.9 - 0.1 * target ? target : random.integer(classes),
  );
  return { rows: range(targets.length), logProbabilities: confident(predicted, classes) };
}

describe("measureWithIntervals", () => {
  const data = fc
    .array(
      fc.record({ target: fc.nat(2), guesses: fc.tuple(fc.nat(2), fc.nat(2)), group: fc.nat(9) }),
      { minLength: 1, maxLength: 40 },
    )
    .map((rows) => ({
      targets: Int32Array.from(rows, ({ target }) => target),
      groups: Int32Array.from(rows, ({ group }) => group),
      predictions: ([0, 1] as const).map((repeat) => ({
        rows: range(rows.length),
        logProbabilities: confident(
          rows.map(({ guesses }) => guesses[repeat]),
          3,
        ),
      })),
    }));

  test.prop([data])("puts every metric inside its interval, which has some width", (given) => {
    const measured = measureWithIntervals(given);
    for (const metric of metrics) {
      const [lower, upper] = measured.intervals[metric];
      expect(lower, metric).toBeLessThanOrEqual(measured[metric]);
      expect(upper, metric).toBeGreaterThanOrEqual(measured[metric]);
      expect(lower, metric).toBeGreaterThanOrEqual(0);
      if (metric !== "logLoss") {
        expect(upper, metric).toBeLessThanOrEqual(1);
        expect(upper - lower, metric).toBeGreaterThan(0.05);
      }
    }
  });

  test.prop([data])("gives the mean over the repeats", ({ targets, groups, predictions }) => {
    const merged = measureWithIntervals({ targets, groups, predictions });
    const single = predictions.map(({ logProbabilities }) =>
      measure({ targets, logProbabilities }),
    );
    for (const metric of ["accuracy", "balancedAccuracy", "logLoss"] as const) {
      expect(merged[metric]).toBeCloseTo((single[0]![metric] + single[1]![metric]) / 2, 10);
    }
    merged.perClass.forEach(({ support }, index) => {
      expect(support).toBe(single[0]!.perClass[index]!.support);
    });
  });

  test.prop([data])("learns nothing from measuring everything again", (given) => {
    const once = measureWithIntervals(given);
    const twice = measureWithIntervals({
      ...given,
      predictions: [...given.predictions, ...given.predictions],
    });
    for (const metric of metrics) {
      expect(twice.intervals[metric][0]).toBeCloseTo(once.intervals[metric][0], 8);
      expect(twice.intervals[metric][1]).toBeCloseTo(once.intervals[metric][1], 8);
    }
  });

  test.prop([fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 2, maxLength: 20 })])(
    "takes copies in one group for one piece of evidence",
    (rows) => {
      const of = (copies: number) => {
        const all = rows.flatMap((row) => new Array<[number, number]>(copies).fill(row));
        return measureWithIntervals({
          targets: Int32Array.from(all, ([target]) => target),
          groups: range(all.length).map((row) => Math.floor(row / copies)),
          predictions: [
            {
              rows: range(all.length),
              logProbabilities: confident(
                all.map(([, guess]) => guess),
                3,
              ),
            },
          ],
        });
      };
      const { accuracy, logLoss } = of(1).intervals;
      const copied = of(4).intervals;
      expect(copied.accuracy[0]).toBeCloseTo(accuracy[0], 8);
      expect(copied.accuracy[1]).toBeCloseTo(accuracy[1], 8);
      expect(copied.logLoss[0]).toBeCloseTo(logLoss[0], 8);
    },
  );

  it("stays wide when every row is right", () => {
    const targets = range(64).map((row) => row % 2);
    const { intervals } = measureWithIntervals({
      predictions: [{ rows: range(64), logProbabilities: confident([...targets], 2) }],
      targets,
      groups: range(64),
    });
    for (const metric of ["accuracy", "balancedAccuracy", "macroF1"] as const) {
      // Wilson: 1 / (1 + z² / 64).
      expect(intervals[metric][0]).toBeCloseTo(0.94337, 4);
      expect(intervals[metric][1]).toBe(1);
    }
  });

  it("trusts a mean over classes no further than its smallest class", () => {
    const targets = range(1000).map((row) => (row < 5 ? 0 : 1));
    const { intervals } = measureWithIntervals({
      predictions: [{ rows: range(1000), logProbabilities: confident([...targets], 2) }],
      targets,
      groups: range(1000),
    });
    expect(intervals.accuracy[0]).toBeGreaterThan(0.99);
    expect(intervals.balancedAccuracy[0]).toBeLessThan(0.85);
  });

  it("says next to nothing after one row", () => {
    const { intervals } = measureWithIntervals({
      predictions: [{ rows: Int32Array.of(0), logProbabilities: confident([1], 2) }],
      targets: Int32Array.of(1),
      groups: Int32Array.of(0),
    });
    expect(intervals.accuracy[0]).toBeCloseTo(0.2065, 3);
    expect(intervals.logLoss).toEqual([0, -Math.log(Number.EPSILON)]);
  });

  it("holds the true value about as often as it says", () => {
    const classes = 3;
    const targets = range(120).map((row) => row % classes);
    // Right by skill, or by one of three lucky guesses.
    const truth = [0.9, 0.8, 0.7].reduce((sum, p) => sum + p + (1 - p) / 3, 0) / 3;
    const random = createRandom(3);
    const runs = 400;
    let accuracy = 0;
    let balanced = 0;
    for (let run = 0; run < runs; run++) {
      const { intervals } = measureWithIntervals({
        predictions: [simulate(random, targets, classes)],
        targets,
        groups: range(120),
      });
      const holds = ([lower, upper]: Interval) => (lower <= truth && truth <= upper ? 1 : 0);
      accuracy += holds(intervals.accuracy);
      balanced += holds(intervals.balancedAccuracy);
    }
    expect(accuracy / runs).toBeGreaterThan(0.92);
    expect(balanced / runs).toBeGreaterThan(0.92);
    expect(balanced / runs).toBeLessThan(0.99);
  });

  it("refuses rows that are measured more often than others", () => {
    const prediction = { rows: range(2), logProbabilities: confident([0, 1], 2) };
    const again = { rows: range(1), logProbabilities: confident([0], 2) };
    const targets = Int32Array.of(0, 1);
    expect(() =>
      measureWithIntervals({ predictions: [prediction, again], targets, groups: targets }),
    ).toThrow("equally often");
  });
});

describe("wilsonInterval", () => {
  test.prop([
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 1, max: 1e6, noNaN: true }),
  ])("holds the share, and narrows with more rows", (share, n) => {
    const [lower, upper] = wilsonInterval(share, n);
    expect(lower).toBeLessThanOrEqual(share);
    expect(upper).toBeGreaterThanOrEqual(share);
    const more = wilsonInterval(share, 4 * n);
    expect(more[1] - more[0]).toBeLessThan(upper - lower);
  });
});
