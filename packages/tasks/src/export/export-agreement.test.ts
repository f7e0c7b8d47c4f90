import type { Input } from "@engraft/core";
import { DataError } from "@engraft/core";
import { expect, it } from "vitest";
import type { Predictor } from "../predict/predictor.js";
import { agreementOf } from "./export-agreement.js";

/** A predictor that gives each text the probability of "spam" that is written for it. */
function predictorOf(known: Readonly<Record<string, number>>): Pick<Predictor, "predict"> {
  const answer = (text: string) => {
    const spam = known[text];
    if (spam === undefined) return new DataError("data/unreadable", "the image cannot be decoded");
    const label = spam > 0.5 ? "spam" : "ham";
    return { label, probability: Math.max(spam, 1 - spam), probabilities: { ham: 1 - spam, spam } };
  };
  return {
    predict: async (inputs) =>
      inputs.map((input) => answer(input.kind === "text" ? input.text : "")),
  };
}

const given = (...texts: string[]) =>
  texts.map((text) => ({ source: `${text}.jpg`, input: { kind: "text", text } as Input }));

const one = predictorOf({ a: 0.9, b: 0.6, c: 0.1, d: 0.5 });
const other = predictorOf({ a: 0.95, b: 0.4, c: 0.1, d: 0.375 });

it("counts equal labels, and finds the largest difference", async () => {
  const progress: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) =>
    void progress.push(done, total);
  const { n, agreement, largestDifference } = await agreementOf(
    one,
    other,
    given("a", "b", "c", "d"),
    { onProgress },
  );
  expect([n, agreement]).toEqual([4, 0.75]);
  expect(largestDifference).toBeCloseTo(0.2, 12);
  expect(progress).toEqual([4, 4]);
  expect(await agreementOf(one, one, given("a", "d"))).toEqual({
    n: 2,
    agreement: 1,
    largestDifference: 0,
  });
});

it("takes any number of inputs", async () => {
  const many = given(...Array.from({ length: 1100 }, (_, row) => (row % 2 === 0 ? "a" : "b")));
  expect(await agreementOf(one, other, many)).toMatchObject({ n: 1100, agreement: 0.5 });
});

it("refuses what cannot be decoded, or leaves it out where that is allowed", async () => {
  await expect(agreementOf(one, other, given("a", "cut"))).rejects.toMatchObject({
    code: "data/unreadable",
    problems: [{ where: "cut.jpg", what: "the image cannot be decoded" }],
  });
  const settings = { skipBad: true };
  expect(await agreementOf(one, other, given("a", "cut"), settings)).toMatchObject({ n: 1 });
  const none = agreementOf(one, other, given("cut"), settings);
  await expect(none).rejects.toMatchObject({ code: "data/empty" });
});
