import { createRandom } from "@engraft/core";
import {
  type FitHeadOptions,
  fitViews,
  indexOfLargest,
  type LabelledFeatures,
  learnFromUnlabelled,
  plainLinearAlgebra as linearAlgebra,
  poolViews,
  predictViews,
  readUnlabelled,
  rowOf,
  type StackedHead,
  stackViews,
  type ViewRecipe,
} from "@engraft/core/internal";
import { describe, expect, it } from "vitest";

const WIDTH = 12;
const columns = [{ tap: "layer", pooling: "mean", width: WIDTH }] as const;
const recipes: readonly ViewRecipe[] = [
  { kind: "layers", name: "last", columns, normalize: "length", classifier: "logistic" },
  { kind: "layers", name: "layers-mean", columns, normalize: "standard", classifier: "logistic" },
  { kind: "words", name: "words" },
];

/** Rows in one cluster a class, so wide that a few rows say little; their words say little, too. */
function drawData(rows: number, classes: number, distance: number, seed: number): LabelledFeatures {
  const random = createRandom(seed);
  const targets = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const data = new Float32Array(rows * WIDTH);
  targets.forEach((target, row) => {
    for (let col = 0; col < WIDTH; col++) {
      data[row * WIDTH + col] = random.normal() + (col === target ? distance : 0);
    }
  });
  const word = (target: number): string =>
    `word${random.double() < 0.4 ? target : Math.floor(random.double() * classes)}`;
  return {
    table: { columns, matrix: { rows, cols: WIDTH, data } },
    texts: Array.from(targets, (target) => `${word(target)} and ${word(target)}`),
    targets,
    classes,
    groups: Int32Array.from(targets.keys()),
  };
}

const range = (start: number, end: number): Int32Array =>
  Int32Array.from({ length: end - start }, (_, index) => start + index);

/** The heads that learn from labels alone and from unlabelled rows too. */
async function fitHeads(
  data: LabelledFeatures,
  labelled: Int32Array,
  unlabelled: Int32Array,
  seed: number,
): Promise<StackedHead[]> {
  const options: FitHeadOptions = {
    linearAlgebra,
    random: createRandom(seed),
    classWeights: "none",
    keepFolds: true,
  };
  const fitted = await fitViews(data, labelled, recipes, options);
  const read = await readUnlabelled(data, recipes, unlabelled, labelled, options);
  const learned = await learnFromUnlabelled(fitted, data, labelled, read, options);
  return [fitted, learned].map((of) =>
    stackViews(of, new Set(of.views.map(({ recipe }) => recipe.name))),
  );
}

async function answersOf(
  head: StackedHead,
  data: LabelledFeatures,
  rows: Int32Array,
): Promise<number[]> {
  const says = poolViews(head, await predictViews(head.views, data, rows, linearAlgebra));
  return Array.from(rows, (_, place) => indexOfLargest(rowOf(says, place)));
}

describe("a head of a few labels", () => {
  it("keeps some weight and more than one answer, in 200 draws of 2 to 8 labels of a kind", async () => {
    for (let draw = 0; draw < 200; draw++) {
      const classes = 2 + (draw % 3);
      const labels = classes * [2, 4, 8][draw % 7 < 3 ? draw % 7 : 0]!;
      const data = drawData(labels + 140, classes, [0.5, 1, 2][draw % 5 < 3 ? draw % 5 : 0]!, draw);
      const [first, second] = [labels + 60, labels + 140];
      const heads = await fitHeads(data, range(0, labels), range(labels, first), draw);
      for (const head of heads) {
        expect(Math.max(...head.weights), `draw ${draw}`).toBeGreaterThan(0.01);
        const answers = new Set(await answersOf(head, data, range(first, second)));
        expect(answers.size, `draw ${draw}`).toBeGreaterThan(1);
      }
    }
  }, 600_000);

  it("learns from more unlabelled rows than students take", async () => {
    const [labels, rows, classes] = [24, 5000, 12];
    // Of 120 labels, most of which have no example, students take 4,000 rows.
    const data = { ...drawData(rows, classes, 3, 1), classes: 120 };
    const heads = await fitHeads(data, range(0, labels), range(labels, 4600), 1);
    const tested = range(4600, rows);
    const right: number[] = [];
    for (const head of heads) {
      const answers = await answersOf(head, data, tested);
      right.push(answers.filter((answer, at) => answer === data.targets[tested[at]!]).length);
    }
    expect(right[1]! - right[0]!).toBeGreaterThan(0.05 * tested.length);
  }, 600_000);
});
