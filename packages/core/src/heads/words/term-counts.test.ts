import { describe, expect, it } from "vitest";
import { countsOfRows, countTerms, fitTfidfToCounts, weighCounts } from "./term-counts.js";
import { fitTfidf, transformTfidf } from "./tfidf.js";

const texts = [
  "Rain, rain, go away!",
  "tea and rain",
  "",
  "Tea? No: a walk & more tea",
  "一杯茶 and rain",
  "constructor __proto__ constructor",
];

describe("texts that were taken apart once", () => {
  it("have the words and weights that they have otherwise", () => {
    const counts = countTerms(texts);
    for (const options of [{}, { minDocuments: 2 }, { maxTerms: 3 }]) {
      const model = fitTfidfToCounts(counts, options);
      expect(model).toEqual(fitTfidf(texts, options));
      expect(weighCounts(model, counts)).toEqual(transformTfidf(model, texts));
    }
  });

  it("are weighed by the words of others, and row by row", () => {
    const model = fitTfidf(["rain and snow", "snow on tea", "一杯茶"]);
    const some = countsOfRows(countTerms(texts), Int32Array.of(4, 1, 0));
    expect(weighCounts(model, some)).toEqual(
      transformTfidf(model, [texts[4]!, texts[1]!, texts[0]!]),
    );
  });
});
