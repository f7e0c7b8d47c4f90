import { IntegrityError } from "@engraft/core";
import { fitTfidf, transformTfidf } from "@engraft/core/internal";
import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { encodeVocabulary, parseVocabulary } from "./vocabulary.js";

test.prop([fc.array(fc.string({ unit: "binary" }), { minLength: 1 })])(
  "a vocabulary survives being written and read",
  (texts) => {
    const model = fitTfidf([...texts, "__proto__ constructor 雪"]);
    const read = parseVocabulary(encodeVocabulary(model));
    expect(transformTfidf(read, texts)).toEqual(transformTfidf(model, texts));
    expect([...read.terms]).toEqual([...model.terms]);
  },
);

it("a vocabulary that does not say how texts are taken apart does not segment them", () => {
  const { tokenization } = parseVocabulary(Buffer.from('{"terms":["发票金额"],"idf":[1]}'));
  expect(tokenization).toEqual({ segmented: false });
  const written = new TextDecoder().decode(encodeVocabulary(fitTfidf(["free money"])));
  expect(Object.keys(JSON.parse(written))).toEqual(["terms", "idf"]);
});

it.each([
  "",
  "[]",
  '{"terms": ["a"]}',
  '{"terms": ["a", "b"], "idf": [1]}',
  '{"terms": ["a"], "idf": [-1]}',
  '{"terms": ["a"], "idf": [1], "segmented": 1}',
])("refuses %j", (text) => {
  expect(() => parseVocabulary(Buffer.from(text))).toThrow(IntegrityError);
  expect(() => parseVocabulary(Buffer.from(text))).toThrow(/vocabulary\.json/);
});
