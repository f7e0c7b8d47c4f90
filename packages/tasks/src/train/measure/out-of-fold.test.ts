import { createRandom } from "@engraft/core";
import type { ClassifierKind, LabelledFeatures } from "@engraft/core/internal";
import { indexOfLargest, lastLayerRecipe, plainLinearAlgebra, rowOf } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import { imageBase } from "../../../../core/test/tiny-bases.js";
import { trainConfigSchema } from "../../format/manifest/config.js";
import { predictOutOfFold } from "./out-of-fold.js";

const { spec } = imageBase;
const { columns } = lastLayerRecipe(spec);
const CLASSES = 3;

/** One feature is large for each class. `label` may say otherwise. */
function examplesOf(rows: number, label = (row: number) => row % CLASSES): LabelledFeatures {
  const random = createRandom(8);
  const cols = columns[0]!.width;
  const data = Float32Array.from({ length: rows * cols }, (_, at) => {
    const isMarked = at % cols === Math.floor(at / cols) % CLASSES;
    return 0.1 * random.normal() + Number(isMarked);
  });
  const targets = Int32Array.from({ length: rows }, (_, row) => label(row));
  return {
    table: { columns, matrix: { rows, cols, data } },
    texts: undefined,
    targets,
    classes: CLASSES,
    groups: Int32Array.from(targets.keys()),
  };
}

function predict(data: LabelledFeatures, kind: ClassifierKind = "logistic", c = 100) {
  const name = kind === "logistic" ? "last" : kind;
  const views = [{ name, weight: 1, ...(kind === "logistic" && { c }) }];
  const config = trainConfigSchema.parse({ head: kind, views: "last" });
  const options = { linearAlgebra: plainLinearAlgebra, random: createRandom(2) };
  return predictOutOfFold({ head: { kind, views }, config }, spec, data, options);
}

describe("predictions out of fold", () => {
  it.for<ClassifierKind>(["logistic", "nearest-mean", "nearest-neighbours"])(
    "are made for every row by heads of the kind %s",
    async (kind) => {
      const data = examplesOf(60);
      const { rows, logProbabilities } = await predict(data, kind);
      expect([...rows]).toEqual([...data.targets.keys()]);
      for (const row of rows) {
        expect(indexOfLargest(rowOf(logProbabilities, row))).toBe(data.targets[row]);
      }
    },
  );

  it("owe nothing to a row's own label, nor to its near-duplicates'", async () => {
    // Three copies, told from all others by a feature of their own, and all labelled wrongly.
    const copies = [10, 25, 40];
    const wrong = examplesOf(60, (row) => (copies.includes(row) ? 0 : row % CLASSES));
    for (const row of copies) rowOf(wrong.table.matrix, row)[CLASSES] = 3;
    const together = wrong.groups.map((group) => (copies.includes(group) ? 10 : group));
    const { logProbabilities } = await predict({ ...wrong, groups: together }, "logistic", 1e6);
    for (const row of copies) {
      expect(indexOfLargest(rowOf(logProbabilities, row))).toBe(row % CLASSES);
    }
  });

  it("are as sure as the task's regularisation lets them be", async () => {
    const data = examplesOf(60);
    const loss = async (c: number) => {
      const { logProbabilities } = await predict(data, "logistic", c);
      const losses = Array.from(
        data.targets,
        (target, row) => -rowOf(logProbabilities, row)[target]!,
      );
      return losses.reduce((sum, value) => sum + value, 0) / losses.length;
    };
    expect(await loss(1e-4)).toBeGreaterThan(1);
    expect(await loss(1e3)).toBeLessThan(0.1);
  });
});
