import { describe, expect, it, test } from "vitest";
import {
  codePointsOf,
  countLabels,
  lookAlikeLabels,
  lookAlikesOf,
  spellOut,
} from "./look-alikes.js";

describe("labels that look alike", () => {
  it.each([
    ["case", "billing", "BILLING"],
    ["a zero-width space", "billing", "\u200bbilling"],
    ["a zero-width joiner", "billing", "bill\u200ding"],
    ["a byte order mark", "billing", "\ufeffbilling"],
    ["a soft hyphen", "billing", "bil\u00adling"],
    ["a text direction mark", "billing", "billing\u200f"],
    ["a no-break space", "tech support", "tech\u00a0support"],
    ["two spaces", "tech support", "tech  support"],
    ["quotes", "billing", '"billing"'],
    ["other quotes", "billing", "„billing“"],
    ["a full stop", "billing", "billing."],
    ["the Unicode form", "caf\u00e9", "cafe\u0301"],
    ["full-width letters", "billing", "ｂｉｌｌｉｎｇ"],
    ["a kind of dash", "e-mail", "e\u2011mail"],
    ["Cyrillic letters", "spam", "sp\u0430m"],
    ["Greek letters", "opo", "\u03bfp\u03bf"],
    ["a control character", "billing", "billing\u0007"],
  ])("differ in %s", (_, one, other) => {
    const group = [
      { label: one, examples: 9 },
      { label: other, examples: 3 },
    ];
    expect(lookAlikeLabels([...group, { label: "tech", examples: 1 }])).toEqual([group]);
    expect(lookAlikesOf(other, ["tech", one])).toEqual([one]);
  });

  it.each([
    ["1", "01"],
    ["C", "C++"],
    ["C", "C#"],
    ["?", "!"],
    ["\u200b", "."],
    ["a b", "ab"],
    ["naïve", "naive"],
    ["是", "否"],
    ["до", "да"],
    ["__proto__", "proto"],
  ])("are not %j and %j", (one, other) => {
    expect(lookAlikeLabels(countLabels([one, other]))).toEqual([]);
    expect(lookAlikesOf(one, [one, other])).toEqual([]);
  });

  it("are listed in groups, in the order of the data", () => {
    const labels = countLabels(["b", "a", "B", "A", "a", "c"]);
    expect(lookAlikeLabels(labels)).toEqual([
      [
        { label: "b", examples: 1 },
        { label: "B", examples: 1 },
      ],
      [
        { label: "a", examples: 2 },
        { label: "A", examples: 1 },
      ],
    ]);
  });
});

test("a label is spelled out so that it can be told from those that look alike", () => {
  expect(spellOut("billing")).toBe('"billing"');
  expect(spellOut("\u200bbilling\u001b")).toBe('"<U+200B>billing<U+001B>"');
  expect(codePointsOf("a\u200b😀")).toEqual(["U+0061", "U+200B", "U+1F600"]);
});
