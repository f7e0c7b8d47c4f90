import type { SummaryMetrics, TaskManifest } from "@engraft/tasks";
import { describe, expect, it } from "vitest";
import { promiseAt, qualityOf } from "./quality.js";

const metrics = (accuracy: number, low: number, high: number): SummaryMetrics => ({
  n: 200,
  accuracy,
  balancedAccuracy: accuracy,
  macroF1: accuracy,
  logLoss: 0.1,
  intervals: {
    accuracy: [low, high],
    balancedAccuracy: [low, high],
    macroF1: [low, high],
    logLoss: [0, 1],
  },
});

/** The part of a manifest that is shown. */
function manifest(evaluation: object, trust?: TaskManifest["trust"]): TaskManifest {
  const shown = { evaluation, trust, modality: "text", createdAt: "2026-11-30T23:30:00.000Z" };
  return shown as unknown as TaskManifest;
}

describe("what a view says of how good a task is", () => {
  it("has the interval, the method and the day", () => {
    const method = "5-fold cross-validation";
    const outOfFold = metrics(0.945, 0.901, 0.9684);
    expect(qualityOf(manifest({ method, outOfFold, test: metrics(0.9, 0.85, 0.94) }))).toEqual({
      headline: "Right on 94.5 % (95 % interval 90.1 to 96.8 %) of 200 texts that it had not seen.",
      date: "Trained on 30 November 2026.",
      details: [
        "Measured out of fold: 5-fold cross-validation.",
        "On the test split: 90.0 % (95 % interval 85.0 to 94.0 %) of 200.",
      ],
    });
  });

  it("says that nothing measured a task that was started without labels", () => {
    expect(qualityOf(manifest({ method: "none" })).headline).toMatch(/^Nothing measured this task/);
  });
});

describe("what is known of answers above a threshold", () => {
  const trust = {
    abstaining: [
      { maxError: 0.01, threshold: 0.9, coverage: 0.7 },
      { maxError: 0.05, threshold: 0.6, coverage: 0.925 },
    ],
    sets: [],
  };

  it("is the strictest of what was measured", () => {
    const task = manifest({}, trust);
    expect([0, 0.5].map((threshold) => promiseAt(threshold, task))).toEqual([undefined, undefined]);
    expect(promiseAt(0.6, task)).toBe(
      "Of examples that it had not seen, 92.5 % had an answer of 60 % or more, and at most 5 % of these answers were wrong.",
    );
    expect(promiseAt(0.95, task)).toContain("70 % had an answer of 90 % or more, and at most 1 %");
  });

  it("is nothing where nothing was measured", () => {
    expect(promiseAt(0.9, manifest({}))).toBeUndefined();
  });
});
