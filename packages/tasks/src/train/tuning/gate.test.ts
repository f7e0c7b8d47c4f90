import { describe, expect, test } from "vitest";
import { paysOff } from "./gate.js";

describe("a tuned base is kept", () => {
  test.for<[string, margin: number, logLoss: number, accuracy: number, kept: boolean]>([
    ["for a log-loss that is better by more than its standard error", 1, 0.031, 0, true],
    ["not for one that is better by less", 1, 0.029, 0.2, false],
    ["not for one that is better by just as much", 1, 0.03, 0, false],
    ["not for a better accuracy alone", 1, 0, 0.2, false],
    ["though accuracy is worse by no more than its standard error", 1, 0.031, -0.02, true],
    ["not where accuracy is worse by more than that", 1, 0.5, -0.021, false],
    ["without a margin for a log-loss that is better at all", 0, 0.001, 0, true],
    ["without a margin not for one that is equal", 0, 0, 0.2, false],
    ["without a margin not for one that is worse", 0, -0.001, 0.2, false],
    ["without a margin not where accuracy is clearly worse", 0, 0.5, -0.021, false],
  ])("%s", ([, margin, logLoss, accuracy, kept]) => {
    const gains = [
      { gain: logLoss, standardError: 0.03 },
      { gain: accuracy, standardError: 0.02 },
    ] as const;
    expect(paysOff(...gains, margin)).toBe(kept);
  });

  test.for([0, 1])("not where both say the same about every row, margin %d", (margin) => {
    const none = { gain: 0, standardError: 0 };
    expect(paysOff(none, none, margin)).toBe(false);
  });
});
