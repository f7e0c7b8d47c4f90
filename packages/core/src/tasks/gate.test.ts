import { describe, expect, test } from "vitest";
import { paysOff } from "./gate.js";

describe("a tuned base is kept", () => {
  test.for<[string, number, number, boolean]>([
    ["for a log-loss that is better by more than its standard error", 0.031, 0, true],
    ["not for one that is better by less", 0.029, 0.2, false],
    ["not for one that is better by just as much", 0.03, 0, false],
    ["not for a better accuracy alone", 0, 0.2, false],
    ["though accuracy is worse by no more than its standard error", 0.031, -0.02, true],
    ["not where accuracy is worse by more than that", 0.5, -0.021, false],
  ])("%s", ([, logLoss, accuracy, kept]) => {
    const gains = [
      { gain: logLoss, standardError: 0.03 },
      { gain: accuracy, standardError: 0.02 },
    ] as const;
    expect(paysOff(...gains, 1)).toBe(kept);
  });

  test.for<[string, number, number, boolean]>([
    ["for a log-loss that is better at all", 0.001, 0, true],
    ["not for one that is equal", 0, 0.2, false],
    ["not for one that is worse", -0.001, 0.2, false],
    ["not where accuracy is worse by more than its standard error", 0.5, -0.021, false],
  ])("without a margin %s", ([, logLoss, accuracy, kept]) => {
    const gains = [
      { gain: logLoss, standardError: 0.03 },
      { gain: accuracy, standardError: 0.02 },
    ] as const;
    expect(paysOff(...gains, 0)).toBe(kept);
  });

  test.for([0, 1])("not where both say the same about every row, margin %d", (margin) => {
    const none = { gain: 0, standardError: 0 };
    expect(paysOff(none, none, margin)).toBe(false);
  });
});
