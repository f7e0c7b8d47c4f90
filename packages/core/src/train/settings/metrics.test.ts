import type { Tensor } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { goldenNumbers, trainingGoldens } from "../../../test/training-goldens.js";
import type { LossConfig } from "../losses/index.js";
import { type MeasuredBatch, MetricsAccumulator } from "./metrics.js";

const ROWS = 30;
const COLUMNS = 4;
const logits = goldenNumbers(ROWS * COLUMNS, 21, 4);

/** Rows `start` to `end` of the golden predictions. */
function batch(targets: readonly number[], start: number, end: number): MeasuredBatch {
  const width = targets.length / ROWS;
  const float = (dims: number[], data: Float32Array): Tensor => ({ dtype: "float32", dims, data });
  return {
    loss: start,
    weightSum: end - start,
    predictions: float([end - start, COLUMNS], logits.slice(start * COLUMNS, end * COLUMNS)),
    targets: float(
      [end - start, width],
      Float32Array.from(targets.slice(start * width, end * width)),
    ),
  };
}

const cases: [LossConfig["name"], "classes" | "labels"][] = [
  ["cross-entropy", "classes"],
  ["binary-cross-entropy", "labels"],
];

describe("MetricsAccumulator", () => {
  it.each(cases)("says what scikit-learn says, for %s", (loss, kind) => {
    const { targets, accuracy, macroF1 } = trainingGoldens.metrics[kind];
    const first = new MetricsAccumulator(loss);
    first.add(batch(targets, 0, 7));
    const resumed = new MetricsAccumulator(loss, JSON.parse(JSON.stringify(first.state())));
    resumed.add(batch(targets, 7, ROWS));
    const metrics = resumed.metrics();
    expect(metrics.accuracy).toBeCloseTo(accuracy, 12);
    expect(metrics.macroF1).toBeCloseTo(macroF1, 12);
    expect(metrics.loss).toBeCloseTo((7 * (ROWS - 7)) / ROWS, 12);
  });

  it("measures errors of numbers", () => {
    const accumulator = new MetricsAccumulator("huber");
    const predictions: Tensor = { dtype: "float32", dims: [3, 1], data: Float32Array.of(1, 2, 3) };
    const targets: Tensor = { dtype: "float32", dims: [3, 1], data: Float32Array.of(1, 0, 6) };
    accumulator.add({ loss: 0.5, weightSum: 3, predictions, targets });
    expect(accumulator.metrics()).toEqual({
      loss: 0.5,
      meanSquaredError: 13 / 3,
      meanAbsoluteError: 5 / 3,
    });
  });

  it("has the loss alone for pairs", () => {
    const { targets } = trainingGoldens.metrics.classes;
    const accumulator = new MetricsAccumulator("cosine-similarity");
    accumulator.add(batch(targets, 2, 4));
    expect(accumulator.metrics()).toEqual({ loss: 2 });
  });
});
