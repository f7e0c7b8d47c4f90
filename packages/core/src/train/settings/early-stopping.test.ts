import { describe, expect, it } from "vitest";
import { UsageError } from "../../errors.js";
import { EarlyStopping, earlyStoppingSchema, requireWatched } from "./early-stopping.js";
import type { TrainingMetrics } from "./metrics.js";

/** `+` for an improvement, `!` for a stop, `.` for neither, epoch by epoch. */
function watch(stopping: EarlyStopping, metrics: readonly TrainingMetrics[]): string {
  return metrics
    .map((metrics, epoch) => {
      const { improved, stop } = stopping.observe(epoch + 1, metrics);
      if (stop) return "!";
      return improved ? "+" : ".";
    })
    .join("");
}

const losses = (...values: number[]): TrainingMetrics[] => values.map((loss) => ({ loss }));

describe("EarlyStopping", () => {
  it("stops when the loss has not fallen for some epochs", () => {
    const stopping = new EarlyStopping(earlyStoppingSchema.parse({ patience: 2 }));
    expect(watch(stopping, losses(3, 2, 2.5, 1, 1, 1.5))).toBe("++.+.!");
    expect(stopping.state).toEqual({ best: 1, bestEpoch: 4, waited: 2 });
  });

  it("asks for an improvement of a size", () => {
    const stopping = new EarlyStopping(earlyStoppingSchema.parse({ patience: 3, minDelta: 0.5 }));
    expect(watch(stopping, losses(3, 2.6, 2.5, 2.4))).toBe("+..+");
  });

  it("knows that more accuracy is better", () => {
    const stopping = new EarlyStopping(
      earlyStoppingSchema.parse({ metric: "accuracy", patience: 1 }),
    );
    const metrics = [0.5, 0.7, 0.6].map((accuracy) => ({ loss: 1, accuracy }));
    expect(watch(stopping, metrics)).toBe("++!");
  });

  it("does not take NaN for the best", () => {
    const stopping = new EarlyStopping(earlyStoppingSchema.parse({ patience: 2 }));
    expect(watch(stopping, losses(Number.NaN, 2, Number.NaN, Number.NaN))).toBe("++.!");
    expect(stopping.state?.bestEpoch).toBe(2);
  });

  it("goes on from its state", () => {
    const config = earlyStoppingSchema.parse({ patience: 2 });
    const first = new EarlyStopping(config);
    watch(first, losses(1, 2));
    expect(watch(new EarlyStopping(config, first.state), losses(1.5))).toBe("!");
  });

  it("names the metrics that there are", () => {
    const watched = earlyStoppingSchema.parse({ metric: "macroF1" });
    expect(() => requireWatched(watched, "cross-entropy")).not.toThrow();
    expect(() => requireWatched(watched, "huber")).toThrow(UsageError);
    expect(() => requireWatched(watched, "huber")).toThrow(
      'Early stopping watches "macroF1", and with the loss "huber" there are only loss, meanSquaredError, meanAbsoluteError.',
    );
  });
});
