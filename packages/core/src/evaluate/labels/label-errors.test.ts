import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import type { RowPredictions } from "../metrics/metrics.js";
import { disagreementOfNeighbours, findLabelErrors } from "./label-errors.js";

/** Stored by goldens/make_label_errors.py. */
interface Golden {
  readonly name: string;
  readonly labels: number[];
  readonly probabilities: number[][];
  readonly suspects: number[];
  readonly scores: number[];
}

const goldens: Golden[] = JSON.parse(
  readFileSync(new URL("../goldens/label-errors.json", import.meta.url), "utf8"),
);

function predictionOf(
  probabilities: readonly (readonly number[])[],
  rows?: number[],
): RowPredictions {
  return {
    rows: Int32Array.from(rows ?? probabilities.keys()),
    logProbabilities: {
      rows: probabilities.length,
      cols: probabilities[0]!.length,
      data: Float64Array.from(probabilities.flat(), Math.log),
    },
  };
}

describe.each(goldens)("$name", ({ labels, probabilities, suspects, scores }) => {
  const found = findLabelErrors(predictionOf(probabilities), Int32Array.from(labels));

  it("suspects what cleanlab suspects, in the same order", () => {
    expect(found.suspects.map(({ row }) => row)).toEqual(suspects);
  });

  it("believes each label as far as cleanlab does", () => {
    found.scores.forEach((score, row) => {
      expect(score).toBeCloseTo(scores[row]!, 12);
    });
  });
});

describe("likely label errors", () => {
  it("says what is suggested, and how probable both labels are", () => {
    const probabilities = [
      [0.9, 0.1],
      [0.8, 0.2],
      [0.1, 0.9],
      [0.95, 0.05],
    ];
    const { suspects } = findLabelErrors(predictionOf(probabilities), Int32Array.of(0, 0, 1, 1));
    expect(suspects).toHaveLength(1);
    expect(suspects[0]).toMatchObject({ row: 3, given: 1, suggested: 0 });
    expect(suspects[0]!.probabilityOfGiven).toBeCloseTo(0.05, 12);
    expect(suspects[0]!.probabilityOfSuggested).toBeCloseTo(0.95, 12);
  });

  it("asks more of a class of which the classifier is usually sure", () => {
    // Rows of class 0 are given 0.99 for it, rows of class 1 about 0.5.
    const sure = Array.from({ length: 4 }, () => [0.99, 0.01]);
    const unsure = Array.from({ length: 4 }, () => [0.4, 0.6]);
    const doubtful = [0.7, 0.3];
    const targets = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 1);
    const { suspects } = findLabelErrors(predictionOf([...sure, ...unsure, doubtful]), targets);
    expect(suspects).toEqual([]);
  });

  it("judges the rows that were predicted, under their own numbers", () => {
    const prediction = predictionOf(
      [
        [0.1, 0.9],
        [0.9, 0.1],
        [0.2, 0.8],
      ],
      [7, 2, 5],
    );
    const targets = new Int32Array(8).fill(1);
    targets[2] = 0;
    targets[7] = 0;
    const { suspects, scores } = findLabelErrors(prediction, targets);
    expect(suspects.map(({ row, suggested }) => [row, suggested])).toEqual([[7, 1]]);
    expect(Array.from(scores, (score) => score.toFixed(1))).toEqual(["0.1", "0.9", "0.8"]);
  });

  it("ranks labels that are impossible by how impossible they are", () => {
    const impossible = (logProbability: number) => [logProbability, 0];
    const rows = [-800, -Infinity, -750].map(impossible);
    const prediction = {
      rows: Int32Array.of(0, 1, 2, 3),
      logProbabilities: { rows: 4, cols: 2, data: Float64Array.from([...rows.flat(), -9, 0]) },
    };
    const { suspects } = findLabelErrors(prediction, Int32Array.of(0, 0, 0, 1));
    expect(suspects.map(({ row }) => row)).toEqual([1, 0, 2]);
  });

  test.prop([
    fc.array(
      fc.record({
        label: fc.nat(2),
        weights: fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50)),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  ])("suspects nothing that the classifier agrees with, the worst first", (rows) => {
    const probabilities = rows.map(({ weights: [a, b, c] }) => {
      const total = a + b + c + 3;
      return [(a + 1) / total, (b + 1) / total, (c + 1) / total];
    });
    const targets = Int32Array.from(rows, ({ label }) => label);
    const { suspects } = findLabelErrors(predictionOf(probabilities), targets);
    for (const error of suspects) {
      expect(error.given).toBe(targets[error.row]);
      expect(error.suggested).not.toBe(error.given);
      expect(error.probabilityOfSuggested).toBeGreaterThan(error.probabilityOfGiven);
    }
    const ranked = suspects.map(({ probabilityOfGiven }) => probabilityOfGiven);
    expect(ranked).toEqual([...ranked].sort((a, b) => a - b));
  });
});

describe("the neighbours' opinion", () => {
  const toNeighbours = (rows: number[]) => rows.map((row) => ({ row }));

  it("is the share of them that has another label", () => {
    const targets = Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1);
    const share = disagreementOfNeighbours(
      Int32Array.of(0, 1),
      [toNeighbours([5, 1, 6, 7]), toNeighbours([0, 2, 3, 4])],
      targets,
    );
    expect([...share]).toEqual([0.75, 0]);
  });

  it("is asked of as many as could agree, and of at most ten", () => {
    const targets = Int32Array.from({ length: 40 }, (_, row) => (row < 3 ? 0 : 1));
    const small = toNeighbours([1, 2, 10, 11, 12, 13]);
    const large = toNeighbours([...Array.from({ length: 10 }, (_, i) => 10 + i), 0, 1, 2]);
    const share = disagreementOfNeighbours(Int32Array.of(0, 3), [small, large], targets);
    expect([...share]).toEqual([0, 0]);
  });

  it("is unknown where nobody can be asked", () => {
    const targets = Int32Array.of(0, 1, 1);
    const share = disagreementOfNeighbours(
      Int32Array.of(0, 1),
      [toNeighbours([1, 2]), toNeighbours([])],
      targets,
    );
    expect([...share]).toEqual([NaN, NaN]);
  });
});
