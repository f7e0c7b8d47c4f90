import { UsageError } from "@engraft/core";
import { meanPrediction } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { measureTrust } from "../format/manifest/trust.js";
import { selectiveLimits, withSelection } from "./selective.js";

const trust = {
  abstaining: [
    { maxError: 0.02, threshold: 0.9, coverage: 0.6 },
    { maxError: 0.1, threshold: 0.7, coverage: 0.8 },
  ],
  sets: [
    { coverage: 0.9, limit: 0.6 },
    { coverage: 0.95, limit: 0.8 },
  ],
};
const manifest = { trust } as unknown as TaskManifest;
const prediction = {
  label: "b",
  probability: 0.75,
  probabilities: { a: 0.2, b: 0.75, c: 0.05 },
};

describe("selective", () => {
  it("leaves predictions as they are where none is asked for", () => {
    expect(withSelection(prediction, selectiveLimits(manifest, {}))).toEqual(prediction);
  });

  it("takes the next stricter setting that was measured", () => {
    expect(selectiveLimits(manifest, { maxErrorRate: 0.05 })).toMatchObject({ threshold: 0.9 });
    expect(selectiveLimits(manifest, { maxErrorRate: 0.1 })).toMatchObject({ threshold: 0.7 });
    expect(selectiveLimits(manifest, { confidence: 0.92 }).inSet).toBeCloseTo(0.2, 12);
  });

  it("says whether to answer, and names the labels of the set", () => {
    const strict = selectiveLimits(manifest, { maxErrorRate: 0.02, confidence: 0.95 });
    expect(withSelection(prediction, { ...strict, inSet: 0.2 })).toEqual({
      ...prediction,
      accepted: false,
      predictionSet: ["b", "a"],
    });
    expect(
      withSelection(prediction, selectiveLimits(manifest, { maxErrorRate: 0.1 })).accepted,
    ).toBe(true);
    expect(withSelection(prediction, { threshold: undefined, inSet: 0.9 }).predictionSet).toEqual([
      "b",
    ]);
  });

  it("is refused where the task cannot promise it", () => {
    expect(() => selectiveLimits(manifest, { maxErrorRate: 0.001 })).toThrow("it can promise 0.02");
    expect(() => selectiveLimits(manifest, { confidence: 0.999 })).toThrow(UsageError);
    // Of a time before trust was measured.
    const before = { evaluation: { outOfFold: {} } } as unknown;
    expect(() => selectiveLimits(before as TaskManifest, { maxErrorRate: 0.1 })).toThrow(
      "Train it again",
    );
  });
});

it("trust counts a row that was predicted twice once, with its mean probabilities", () => {
  const row = (p: number) => [Math.log(p), Math.log(1 - p)];
  const part = (rows: number[], ...probabilities: number[]) => ({
    rows: Int32Array.from(rows),
    logProbabilities: {
      rows: rows.length,
      cols: 2,
      data: Float64Array.from(probabilities.flatMap(row)),
    },
  });
  const targets = Int32Array.of(0, 1);
  const { abstaining, sets } = measureTrust(
    meanPrediction([part([0, 1], 0.9, 0.2), part([1, 0], 0.4, 0.7)]),
    targets,
  );
  // Two rows cannot show that answers are right; with four, one error in five could be promised.
  expect(abstaining).toEqual([]);
  expect(sets.every(({ limit }) => limit === 1)).toBe(true);
});
