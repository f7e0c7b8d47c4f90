import type { LearningCurve } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import type { SuspiciousExample } from "./label-errors.js";
import { adviseNext } from "./next-batch.js";

/** 100 examples, error `a / n + c`; other laws lie around it. */
function curveOf(a: number, holds: boolean | undefined = true): LearningCurve {
  const law = { a, b: 1, c: 0.1 };
  const resampled = Array.from({ length: 11 }, (_, i) => ({ ...law, a: a * (0.5 + i / 10) }));
  const backTest = holds === undefined ? undefined : { holds, fittedUpTo: 40, examples: 80 };
  return { points: [], examples: 100, law, resampled, forecast: [], backTest } as never;
}

const learning = (a: number, holds?: boolean) => ({ curve: curveOf(a, holds), learners: ["last"] });

const suspect = (neighboursDisagreeing: number | undefined): SuspiciousExample => ({
  source: "row 1",
  text: "x",
  given: "a",
  suggested: "b",
  probabilityOfGiven: 0.1,
  probabilityOfSuggested: 0.9,
  neighboursDisagreeing,
});

const judged = (...shares: (number | undefined)[]) => ({
  judged: 100,
  suspects: shares.map(suspect),
});

describe("the next batch of labels", () => {
  it("is forecast with intervals, by the curve", () => {
    // Error 0.2 now, 0.15 with twice as many examples; the others gain 0.6 to 1.4 times as much.
    const next = adviseNext(100, learning(10), judged());
    expect(next.forecast!.accuracy).toBeCloseTo(0.85, 12);
    expect(next.forecast!.gain).toBeCloseTo(0.05, 12);
    expect(next.forecast!.gainInterval[0]).toBeCloseTo(0.03, 12);
    expect(next.forecast!.gainInterval[1]).toBeCloseTo(0.07, 12);
    expect(next.forecast!.interval[0]).toBeCloseTo(0.83, 12);
    expect(next.forecast!.interval[1]).toBeCloseTo(0.87, 12);
    expect(next).toMatchObject({ labels: 100, unknown: undefined, mixUps: [], atStake: 0 });
    expect(next.step).toBe("label");
  });

  it("is less than settling labels, where these can bring as much and take no more looks", () => {
    const few = adviseNext(100, learning(10), judged(0.9, 0.5, 0.6, 0.7, 1));
    expect(few).toMatchObject({ step: "settle", atStake: 0.05 });
    expect(adviseNext(100, learning(10), judged(0.9, 0.5, 0.6, 0.7)).step).toBe("label");
    // Three more looks than labels.
    expect(adviseNext(2, learning(0.1), judged(1, 1, 1, 1, 1)).step).toBe("stop");
  });

  it("counts labels of which most neighbours have another one", () => {
    const { mixUps, atStake } = adviseNext(50, learning(10), judged(0.4, 0.5, undefined));
    expect(mixUps).toEqual([suspect(0.5)]);
    expect(atStake).toBe(0.01);
  });

  it("is not worth it where not even the upper end is half a point", () => {
    expect(adviseNext(100, learning(0.5), judged()).step).toBe("stop");
    expect(adviseNext(100, learning(0.8), judged()).step).toBe("label");
  });

  it.for([
    [{ unknown: "There is no curve." }, 10, "There is no curve."],
    [learning(10, false), 10, "from 40 of the examples does not hold for 80"],
    [learning(10), 301, "301 more labels are too many to forecast from 100"],
    [{ curve: curveOf(10), learners: [] }, 10, undefined],
  ] as const)("is unknown where nothing honest can be said", ([given, labels, why]) => {
    const { forecast, unknown, step } = adviseNext(labels, given, judged(1, 1));
    if (why === undefined) {
      expect(unknown).toBeUndefined();
      expect(forecast).toBeDefined();
      return;
    }
    expect(unknown).toContain(why);
    expect(forecast).toBeUndefined();
    expect(step).toBe("unknown");
  });

  it("is unknown where a forecast cannot be tested, or the task keeps no examples", () => {
    const curve = { ...curveOf(10), backTest: undefined };
    const { unknown } = adviseNext(10, { curve, learners: [] }, judged());
    expect(unknown).toContain("too few examples to test a forecast");
    const none = adviseNext(10, { unknown: "None." }, undefined);
    expect(none).toMatchObject({ mixUps: undefined, atStake: undefined, step: "unknown" });
  });
});
