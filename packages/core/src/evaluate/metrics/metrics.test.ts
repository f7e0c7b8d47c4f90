import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import type { Matrix64 } from "../../math/matrix.js";
import { majorityLogProbabilities } from "./baselines.js";
import { measureWithIntervals } from "./intervals.js";
import { MAXIMUM_LOSS, type MeasuredMetrics, measure } from "./metrics.js";

/** Stored by goldens/make.py. */
interface Golden extends Omit<MeasuredMetrics, "n" | "perClass"> {
  readonly name: string;
  readonly targets: number[];
  readonly probabilities: number[][];
  readonly precision: number[];
  readonly recall: number[];
  readonly f1: number[];
  readonly support: number[];
  readonly wilson: [number, number];
  readonly logLossInterval: [number, number];
}

const goldens: Golden[] = JSON.parse(
  readFileSync(new URL("../goldens/metrics.json", import.meta.url), "utf8"),
);

function logarithms(probabilities: readonly (readonly number[])[]): Matrix64 {
  return {
    rows: probabilities.length,
    cols: probabilities[0]?.length ?? 0,
    data: Float64Array.from(probabilities.flat(), Math.log),
  };
}

describe.each(goldens)("$name", (golden) => {
  const targets = Int32Array.from(golden.targets);
  const logProbabilities = logarithms(golden.probabilities);

  it("has scikit-learn's metrics", () => {
    const measured = measure({ targets, logProbabilities });
    expect(measured.n).toBe(golden.targets.length);
    expect(measured.confusion).toEqual(golden.confusion);
    for (const metric of ["accuracy", "balancedAccuracy", "macroF1", "logLoss"] as const) {
      expect(measured[metric], metric).toBeCloseTo(golden[metric], 12);
    }
    for (const metric of ["precision", "recall", "f1", "support"] as const) {
      measured.perClass.forEach((metrics, index) => {
        expect(metrics[metric], metric).toBeCloseTo(golden[metric][index]!, 12);
      });
    }
  });

  it("has SciPy's intervals of accuracy and log-loss", () => {
    const rows = Int32Array.from(targets.keys());
    const { intervals } = measureWithIntervals({
      predictions: [{ rows, logProbabilities }],
      targets,
      groups: rows,
    });
    expect(intervals.accuracy[0]).toBeCloseTo(golden.wilson[0], 12);
    expect(intervals.accuracy[1]).toBeCloseTo(golden.wilson[1], 12);
    expect(intervals.logLoss[0]).toBeCloseTo(golden.logLossInterval[0], 5);
    expect(intervals.logLoss[1]).toBeCloseTo(golden.logLossInterval[1], 3);
  });
});

describe("measure", () => {
  const classes = 4;
  const predictions = fc
    .array(
      fc.record({
        target: fc.nat(classes - 1),
        scores: fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), {
          minLength: classes,
          maxLength: classes,
        }),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((rows) => ({
      targets: rows.map(({ target }) => target),
      probabilities: rows.map(({ scores }) => {
        const total = scores.reduce((sum, score) => sum + score, 0);
        return scores.map((score) => score / total);
      }),
    }));

  test.prop([predictions])("agrees with itself", ({ targets, probabilities }) => {
    const { n, accuracy, perClass, confusion } = measure({
      targets: Int32Array.from(targets),
      logProbabilities: logarithms(probabilities),
    });
    expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(n);
    expect(confusion.reduce((sum, row, index) => sum + row[index]!, 0) / n).toBeCloseTo(accuracy);
    const weightedRecall = perClass.reduce(
      (sum, { recall, support }) => sum + (recall * support) / n,
      0,
    );
    expect(weightedRecall).toBeCloseTo(accuracy);
  });

  test.prop([predictions, fc.nat()])(
    "does not depend on how classes are numbered",
    ({ targets, probabilities }, shift) => {
      // Equal logarithms would let the order of the classes decide.
      fc.pre(probabilities.every((row) => new Set(row.map(Math.log)).size === classes));
      const moved = (index: number) => (index + shift) % classes;
      const plain = measure({
        targets: Int32Array.from(targets),
        logProbabilities: logarithms(probabilities),
      });
      const renumbered = measure({
        targets: Int32Array.from(targets, moved),
        logProbabilities: logarithms(
          probabilities.map((row) =>
            row.map((_, i) => row[(i - (shift % classes) + classes) % classes]!),
          ),
        ),
      });
      for (const metric of ["accuracy", "balancedAccuracy", "macroF1", "logLoss"] as const) {
        expect(renumbered[metric]).toBeCloseTo(plain[metric], 10);
      }
      plain.perClass.forEach((metrics, index) => {
        expect(renumbered.perClass[moved(index)]).toEqual(metrics);
      });
    },
  );

  it("does not let one impossible class make the loss infinite", () => {
    const { logLoss } = measure({
      targets: Int32Array.of(1),
      logProbabilities: { rows: 1, cols: 2, data: Float64Array.of(0, Number.NEGATIVE_INFINITY) },
    });
    expect(logLoss).toBe(MAXIMUM_LOSS);
  });

  it("refuses no rows, and predictions that do not match the rows", () => {
    const none = { targets: new Int32Array(0), logProbabilities: logarithms([]) };
    expect(() => measure(none)).toThrow(RangeError);
    const two = { targets: Int32Array.of(0), logProbabilities: logarithms([[1], [1]]) };
    expect(() => measure(two)).toThrow("2 predictions for 1 rows");
  });
});

describe("majorityLogProbabilities", () => {
  it("predicts the shares of the classes", () => {
    const result = majorityLogProbabilities(Int32Array.of(1, 1, 0, 1), 3, 2);
    expect([...result.data].map(Math.exp)).toEqual([0.25, 0.75, 0, 0.25, 0.75, 0]);
  });

  test.prop([fc.array(fc.nat(3), { minLength: 1, maxLength: 40 })])(
    "loses exactly the entropy of the classes it was given",
    (labels) => {
      const targets = Int32Array.from(labels);
      const { logLoss, accuracy } = measure({
        targets,
        logProbabilities: majorityLogProbabilities(targets, 4, targets.length),
      });
      const shares = [0, 1, 2, 3].map(
        (label) => labels.filter((other) => other === label).length / labels.length,
      );
      const entropy = shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
      expect(logLoss).toBeCloseTo(entropy, 10);
      expect(accuracy).toBeCloseTo(Math.max(...shares), 10);
    },
  );
});
