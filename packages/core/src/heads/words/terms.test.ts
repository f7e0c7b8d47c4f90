import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LONGEST_RUN, MOST_SEGMENTED, termsOf, tokenizationFor } from "./terms.js";
import { fitTfidf, transformTfidf } from "./tfidf.js";

const [plain, segmented] = [{ segmented: false }, { segmented: true }];

describe("terms", () => {
  it.each([
    ["Win £9, NOW!", ["win", "£", "9", ",", "now", "!"]],
    ["발표 자료", ["발표", "자료"]],
    ["नमस्ते", ["नमस", "्", "त", "े"]],
    ["İ_x", ["i", "̇", "_x"]],
  ])("of %j are words and signs, segmented or not", (text, terms) => {
    expect(termsOf(text, plain)).toEqual(terms);
    expect(termsOf(text, segmented)).toEqual(terms);
    expect(tokenizationFor([text])).toEqual(plain);
  });

  it.each([
    ["Chinese", "发票金额不对", ["发票", "金额", "不对"]],
    ["Japanese", "今日は天気がいいです", ["今日", "は", "天気", "が", "いい", "です"]],
    ["Japanese with katakana", "サーバーが落ちた", ["サーバー", "が", "落ち", "た"]],
    ["Thai", "สวัสดีครับ", ["สวัสดี", "ครับ"]],
    ["mixed scripts", "iPhone手机 OK!", ["iphone", "手机", "ok", "!"]],
  ])("of %s are cut by the dictionaries of ICU", (_, text, terms) => {
    expect(tokenizationFor(["a", text])).toEqual(segmented);
    expect(termsOf(text, segmented)).toEqual(terms);
  });

  it.each([
    ["Lao", "ສະບາຍດີຂ້ອຍ"],
    ["Khmer", "សួស្តីខ្ញុំចង់"],
    ["Burmese", "မင်္ဂလာပါ"],
    ["rare Han", "\u{20000}\u{20001}"],
  ])("of %s are runs no longer", (_, text) => {
    const terms = termsOf(text, segmented);
    expect(terms.join("")).toBe(text);
    expect(terms.length).toBeGreaterThan(1);
  });

  it("stay as they were for tasks that do not segment", () => {
    expect(termsOf("发票金额不对", plain)).toEqual(["发票金额不对"]);
  });

  it("of texts without scripts that need it are the same to the last one", () => {
    const anything = fc
      .string({ unit: "binary" })
      .filter((text) => !tokenizationFor([text]).segmented);
    fc.assert(
      fc.property(anything, (text) => {
        expect(termsOf(text, segmented)).toEqual(termsOf(text, plain));
      }),
    );
  });

  it("lose no character, whatever the scripts", () => {
    const unit = fc.constantFrom("发", "票", "ใ", "ด้", "が", "ー", "ㄱ", "a", "\u{20000}", "!");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 600 }), (text) => {
        expect(termsOf(text, segmented).join("")).toBe(text);
      }),
    );
  });

  it("of very long texts end in single characters", () => {
    const text = "发票金额不对".repeat(2000);
    const terms = termsOf(text, segmented);
    expect(terms.join("")).toBe(text);
    const cut = MOST_SEGMENTED - (MOST_SEGMENTED % LONGEST_RUN);
    expect(terms.slice(-(text.length - cut))).toEqual(Array.from(text.slice(cut)));
    expect(terms[0]).toBe("发票");
  });
});

it("a vocabulary knows how its texts were taken apart", () => {
  const model = fitTfidf(["发票金额不对", "密码不对", "ok"]);
  expect(model.tokenization).toEqual(segmented);
  expect([...model.terms.keys()]).toContain("不对");
  const { columns } = transformTfidf(model, ["不对"]);
  expect([...columns]).toEqual([model.terms.get("不对")]);
  expect(fitTfidf(["free money"]).tokenization).toEqual(plain);
});
