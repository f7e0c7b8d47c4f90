import type { Matrix32 } from "@engraft/core";
import { plainLinearAlgebra } from "@engraft/core/internal";
import { expect, it } from "vitest";
import { judgeLabels } from "./label-errors.js";

/** Rows on a circle, at these angles in degrees. */
function embeddingsAt(angles: readonly number[]): Matrix32 {
  const radians = angles.map((angle) => (angle * Math.PI) / 180);
  const data = Float32Array.from(radians.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
  return { rows: angles.length, cols: 2, data };
}

it("judges by the classifier, and asks the neighbours but for near-duplicates", async () => {
  // The last two rows are one example twice, labelled 1 among rows of class 0.
  const targets = Int32Array.of(0, 0, 0, 1, 1, 1, 1);
  const probabilityOf1 = [0.1, 0.1, 0.1, 0.9, 0.8, 0.05, 0.1];
  const evidence = {
    outOfFold: {
      rows: Int32Array.from(targets.keys()),
      logProbabilities: {
        rows: 7,
        cols: 2,
        data: Float64Array.from(probabilityOf1.flatMap((p) => [Math.log(1 - p), Math.log(p)])),
      },
    },
    targets,
    groups: Int32Array.of(0, 1, 2, 3, 4, 5, 5),
    embeddings: embeddingsAt([0, 10, 20, 90, 100, 12, 12]),
  };
  const judged = await judgeLabels(evidence, plainLinearAlgebra);
  expect(judged.map(({ row, suggested }) => [row, suggested])).toEqual([
    [5, 0],
    [6, 0],
  ]);
  expect(judged.map(({ neighboursDisagreeing }) => neighboursDisagreeing)).toEqual([1, 1]);

  const apart = { ...evidence, groups: Int32Array.from(targets.keys()) };
  const [first] = await judgeLabels(apart, plainLinearAlgebra);
  expect(first!.neighboursDisagreeing).toBeCloseTo(2 / 3, 12);
});

it("says nothing for neighbours that are not there", async () => {
  const judged = await judgeLabels(
    {
      outOfFold: {
        rows: Int32Array.of(0, 1, 2),
        logProbabilities: { rows: 3, cols: 2, data: Float64Array.of(-9, 0, -9, 0, 0, -9) },
      },
      targets: Int32Array.of(0, 1, 0),
      groups: Int32Array.of(3, 3, 3),
      embeddings: embeddingsAt([0, 1, 2]),
    },
    plainLinearAlgebra,
  );
  expect(judged).toMatchObject([{ row: 0, suggested: 1, neighboursDisagreeing: undefined }]);
});
