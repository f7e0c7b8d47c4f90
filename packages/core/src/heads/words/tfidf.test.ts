import { describe, expect, it } from "vitest";
import { fitTfidf, transformTfidf } from "./tfidf.js";

describe("fitTfidf", () => {
  it("keeps words that are also names of object members", () => {
    const { terms } = fitTfidf(["constructor __proto__", "toString constructor"]);
    expect([...terms.keys()]).toEqual(["__proto__", "constructor", "tostring"]);
  });

  it("orders terms by code points, where JavaScript orders by UTF-16 units", () => {
    const [fullWidth, ideograph] = ["\uff41\uff41", "\u{20000}"];
    expect([...fitTfidf([`${ideograph} ${fullWidth}`]).terms.keys()]).toEqual([
      fullWidth,
      ideograph,
    ]);
  });

  it("keeps the most frequent terms when there are too many", () => {
    const { terms, idf } = fitTfidf(["bb cc aa", "cc dd", "cc aa"], { maxTerms: 3 });
    expect([...terms]).toEqual([
      ["aa", 0],
      ["bb", 1],
      ["cc", 2],
    ]);
    expect(idf[2]).toBe(1);
  });

  it("accepts no texts and texts without signs", () => {
    for (const texts of [[], ["", " \t\n"]]) {
      const model = fitTfidf(texts);
      const matrix = transformTfidf(model, texts);
      expect([model.terms.size, matrix.rows, matrix.cols]).toEqual([0, texts.length, 0]);
    }
  });
});

describe("transformTfidf", () => {
  it("gives rows of unit length with increasing columns, and ignores unknown words", () => {
    const model = fitTfidf(["one two three", "two three four", "three four five"]);
    const matrix = transformTfidf(model, ["three five three six", "seven", "four"]);
    expect([...matrix.rowOffsets]).toEqual([0, 2, 2, 3]);
    const columnOf = (term: string): number => model.terms.get(term)!;
    expect([...matrix.columns]).toEqual([columnOf("five"), columnOf("three"), columnOf("four")]);
    const [five, three, four] = matrix.values;
    expect(five! ** 2 + three! ** 2).toBeCloseTo(1, 12);
    expect(three! / five!).toBeCloseTo((1 + Math.log(2)) / (Math.log(4 / 2) + 1), 12);
    expect(four).toBe(1);
  });
});
