import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { trainingGoldens } from "../../../test/training-goldens.js";
import { createSchedule, type ScheduleConfig, scheduleConfigSchema } from "./schedules.js";

const names = ["constant", "linear", "cosine", "one-cycle"] as const;

describe("createSchedule", () => {
  it.each(trainingGoldens.schedules)("is that of PyTorch: $config, $steps steps", (golden) => {
    const schedule = createSchedule(golden.config, golden.steps);
    golden.factors.forEach((factor, step) => {
      expect(schedule(step)).toBeCloseTo(factor, 7);
    });
  });

  const config: fc.Arbitrary<ScheduleConfig> = fc.record({
    name: fc.constantFrom(...names),
    warmupRatio: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test.prop([config, fc.integer({ min: 1, max: 200 })])(
    "rises, then never rises again, within 0 and 1",
    (config, totalSteps) => {
      const schedule = createSchedule(config, totalSteps);
      const factors = Array.from({ length: totalSteps + 2 }, (_, step) => schedule(step));
      const rises = factors.slice(1).map((factor, i) => factor > factors[i]! + 1e-12);
      expect(
        rises.slice(rises.indexOf(false) + 1).some((rise, i, all) => rise && !all[i - 1] && i > 0),
      ).toBe(false);
      for (const factor of factors) {
        expect(factor).toBeGreaterThanOrEqual(0);
        expect(factor).toBeLessThanOrEqual(1);
      }
    },
  );

  it("warms up for a share of the steps", () => {
    const schedule = createSchedule({ name: "linear", warmupRatio: 0.1 }, 41);
    expect([0, 1, 4, 5, 6].map(schedule)).toEqual([0, 0.2, 0.8, 1, 35 / 36]);
  });
});

describe("configuration", () => {
  it("takes a name alone", () => {
    expect(scheduleConfigSchema.parse("cosine")).toEqual({ name: "cosine" });
  });

  it.each([
    "exponential",
    { name: "linear", warmupSteps: 2, warmupRatio: 0.1 },
    { name: "linear", warmupRatio: 1.5 },
    { name: "linear", warmup: 3 },
  ])("refuses %j", (config) => {
    expect(scheduleConfigSchema.safeParse(config).success).toBe(false);
  });
});
