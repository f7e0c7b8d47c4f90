import type { RowPredictions } from "@engraft/core/internal";
import { plainLinearAlgebra as linearAlgebra, viewRecipes, zeros64 } from "@engraft/core/internal";
import { describe, expect, it } from "vitest";
import { textBase } from "../../../core/test/tiny-bases.js";
import type { FeatureDataset } from "./data/extract-dataset.js";
import { Agreement } from "./measure/agreement.js";
import { answersMoved } from "./moved-answers.js";

/** Probabilities of the first of two classes for some rows. */
function said(rows: readonly number[], probabilities: readonly number[]): RowPredictions {
  const logProbabilities = zeros64(rows.length, 2);
  probabilities.forEach((p, at) => {
    logProbabilities.data.set([Math.log(p), Math.log(1 - p)], 2 * at);
  });
  return { rows: Int32Array.from(rows), logProbabilities };
}

/** A head of one probe on the words: the first of two classes where the text has the word. */
function headOf(word: "tea" | "rain") {
  const recipe = viewRecipes(textBase.spec, "auto").find(({ kind }) => kind === "words")!;
  const terms = ["tea", "rain"];
  const tfidf = {
    terms: new Map(terms.map((term, at) => [term, at])),
    idf: Float64Array.of(1, 1),
    tokenization: { segmented: false },
  };
  const weights = Float64Array.from(
    terms.flatMap((term) => [Number(term === word)]).concat([0, 0]),
    (value) => 4 * value,
  );
  const linear = { weights, bias: Float64Array.of(-1, 1) };
  const view = { recipe, tfidf, classifier: { kind: "logistic" as const, linear, c: 1 } };
  return { views: [view], weights: [1] } as unknown as Parameters<Agreement["add"]>[0];
}

const texts = ["x", "x", "x", "x", "tea", "rain", `tea ${"long ".repeat(200)}`, "x"];
const dataset = {
  labels: ["a", "b"],
  sources: texts.map((_, row) => `file:${row}`),
  inputs: texts.map((text) => ({ kind: "text", text })),
  examples: {
    table: { columns: [], matrix: { rows: texts.length, cols: 0, data: new Float32Array(0) } },
    texts,
    targets: Int32Array.of(0, 0, 1, 1, 0, 0, 0, 0),
    classes: 2,
  },
} as unknown as FeatureDataset;

const of = (...rows: readonly number[]) => ({
  data: dataset,
  unlabelled: Int32Array.from(rows),
  keepUnlabelled: true,
});

describe("answers that unlabelled rows moved", () => {
  it("are counted by what they became, with the mean of repeated predictions", async () => {
    const parts = {
      without: [said([0, 1], [0.4, 0.9]), said([2, 3, 0], [0.9, 0.2, 0.4])],
      outOfFold: [said([0, 1], [0.4, 0.2]), said([2, 3, 0], [0.8, 0.3, 0.9])],
    };
    const moved = await answersMoved(parts, undefined, of(4, 5), linearAlgebra);
    expect(moved.counts).toEqual({
      toRight: 1,
      toWrong: 1,
      wrongBefore: 0,
      asked: 0,
      differing: 0,
    });
    const { rows, data: logs } = moved.answers.withoutUnlabelled;
    expect([rows, Math.exp(logs[0]!)]).toEqual([4, expect.closeTo(0.4, 6)]);
    expect(moved.answers.unlabelled).toEqual([]);
  });

  it("of unlabelled rows are kept with both, and the beginning of the text", async () => {
    const parts = { without: [said([0], [0.4])], outOfFold: [said([0], [0.4])] };
    const heads = { head: headOf("rain"), without: headOf("tea") };
    const given = of(4, 5, 6, 7);
    const { counts, answers } = await answersMoved(parts, heads, given, linearAlgebra);
    expect(counts).toMatchObject({ toRight: 0, asked: 4, differing: 3 });
    const found = new Map(answers.unlabelled.map((one) => [one.source, one]));
    expect(found.get("file:5")).toMatchObject({
      text: "rain",
      before: { label: "b" },
      after: { label: "a" },
    });
    expect(found.get("file:6")!.text).toBe(`${texts[6]!.slice(0, 299)}…`);
    expect(found.has("file:7")).toBe(false);
    const secret = { ...given, keepUnlabelled: false };
    const untold = await answersMoved(parts, heads, secret, linearAlgebra);
    expect(untold.answers.unlabelled).toEqual(
      answers.unlabelled.map(({ source, before, after }) => ({ source, before, after })),
    );
  });
});

it("how often views agree with their stack is counted over all parts", () => {
  const views = ["one", "two", "unused"].map((name) => ({ recipe: { name } }));
  const head = { views, weights: [1, 1, 0] } as unknown as Parameters<Agreement["add"]>[0];
  const agreement = new Agreement();
  const perView = (one: number, two: number) =>
    new Map([
      ["one", said([0], [one]).logProbabilities as ReturnType<typeof zeros64>],
      ["two", said([0], [two]).logProbabilities as ReturnType<typeof zeros64>],
    ]);
  const pooled = said([0], [0.6]).logProbabilities as ReturnType<typeof zeros64>;
  agreement.add(head, pooled, perView(0.7, 0.4));
  agreement.add(head, pooled, perView(0.9, 0.8));
  agreement.add({ ...head, weights: [1, 0, 0] }, pooled, perView(0.9, 0.8));
  expect([...agreement.shares()]).toEqual([
    ["one", 1],
    ["two", 0.5],
  ]);
});
