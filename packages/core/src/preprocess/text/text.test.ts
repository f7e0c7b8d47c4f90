import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IntegrityError } from "../../errors.js";
import type { TextPreprocessing } from "../spec.js";
import { createTextTokenizer, padBatch, type TextTokenizer } from "./text.js";

const model = new URL("../../../../../models/minilm-l6/", import.meta.url);
const tokenizerJson: unknown = JSON.parse(readFileSync(new URL("tokenizer.json", model), "utf8"));

function specOf(maxTokens: number): TextPreprocessing {
  return { kind: "text", tokenizer: "tokenizer.json", maxTokens, padTokenId: 0, positions: 512 };
}

const tokenizers = new Map<number, TextTokenizer>();

function encode(text: string, maxTokens: number): number[] {
  const tokenizer =
    tokenizers.get(maxTokens) ?? createTextTokenizer(tokenizerJson, specOf(maxTokens));
  tokenizers.set(maxTokens, tokenizer);
  return [...tokenizer.encode(text)];
}

interface Golden {
  readonly text: string;
  readonly maxTokens: number;
  readonly ids: readonly number[];
}

const goldens: readonly Golden[] = JSON.parse(
  readFileSync(new URL("../goldens/texts.json", import.meta.url), "utf8"),
);

describe("the same ids as the Rust tokenizers", () => {
  test.each(goldens.map((golden, index) => ({ index, ...golden })))(
    "text $index at $maxTokens tokens",
    ({ text, maxTokens, ids }) => {
      expect(encode(text, maxTokens)).toEqual(ids);
    },
  );
});

test("truncation keeps the first tokens and the final special token", () => {
  const whole = encode("one two three four five", 256);
  expect(encode("one two three four five", 4)).toEqual([...whole.slice(0, 3), whole.at(-1)]);
});

test("an unpaired surrogate counts as U+FFFD", () => {
  expect(encode("a\ud800b \udc00c d\ud83d", 256)).toEqual(encode("a\ufffdb \ufffdc d\ufffd", 256));
});

describe("a long text gives the ids of the whole", () => {
  // Without a limit nothing is cut, so these are the first ids of the whole text.
  const expected = (text: string, maxTokens: number): number[] => {
    const whole = encode(text, 131_072);
    return whole.length <= maxTokens ? whole : [...whole.slice(0, maxTokens - 1), whole.at(-1)!];
  };
  const pieces = [
    "word ",
    "longerword",
    "antidisestablishmentarianism",
    " ".repeat(700),
    "\u0301",
    "\u200b".repeat(300),
    "中",
    "😀",
    "!",
    "[MASK]",
    "[MAS",
    "각",
    "x".repeat(90),
    "y".repeat(1200),
    "\ud83d",
    "Σ",
  ];
  const longText = fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 400 })
    .map((parts) => parts.join(""));

  test("whatever it is made of and wherever it is cut", () => {
    fc.assert(
      fc.property(longText, fc.integer({ min: 3, max: 40 }), (text, maxTokens) => {
        expect(encode(text, maxTokens)).toEqual(expected(text, maxTokens));
      }),
      { numRuns: 300 },
    );
  });

  test("millions of spaces before the first word", () => {
    expect(encode(`${" ".repeat(3_000_000)}hello`, 256)).toEqual(encode("hello", 256));
  });

  test("one word of millions of letters is unknown", () => {
    expect(encode(`${"z".repeat(3_000_000)} hello`, 256)).toEqual(
      encode(`${"z".repeat(101)} hello`, 256),
    );
  });
});

describe("a file that is no tokenizer is refused", () => {
  const without = (key: string): unknown =>
    Object.fromEntries(Object.entries(tokenizerJson as object).filter(([name]) => name !== key));
  test.each([
    ["nothing", undefined],
    ["an array", []],
    ["no model", without("model")],
    ["no added tokens", without("added_tokens")],
    ["an unknown model", { ...(tokenizerJson as object), model: { type: "Oracle" } }],
  ])("%s", (_, json) => {
    expect(() => createTextTokenizer(json, specOf(256))).toThrow(IntegrityError);
  });

  const replace = (content: string) => ({ type: "Replace", pattern: { String: "a" }, content });
  const split = (Regex: string) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated" });
  test.each([
    ["long replacements", { normalizer: replace("b".repeat(100_000)) }, /100000 times as long/],
    [
      "replacements of replacements",
      { normalizer: { type: "Sequence", normalizers: Array(9).fill(replace("aaaa")) } },
      /262144 times as long/,
    ],
    ["patterns that backtrack", { pre_tokenizer: split("(a+)+$") }, /"\(a\+\)\+\$".*very long/],
    [
      "patterns inside sequences",
      { pre_tokenizer: { type: "Sequence", pretokenizers: [split("(?:a|a)*b")] } },
      /very long/,
    ],
    [
      "words before every text",
      { normalizer: { type: "Prepend", prepend: "b".repeat(100_000) } },
      /adds 100000 characters/,
    ],
    ["ids that are words", { model: { type: "WordPiece", vocab: { a: "b" } } }, /"a" is "b"/],
    ["ids below 0", { model: { type: "BPE", vocab: { a: -1 }, merges: [] } }, /"a" is -1/],
    ["ids that are fractions", { added_tokens: [{ content: "[X]", id: 0.5 }] }, /"\[X\]" is 0.5/],
  ])("%s", (_, part, message) => {
    const json = { ...(tokenizerJson as object), ...part };
    expect(() => createTextTokenizer(json, specOf(256))).toThrow(IntegrityError);
    expect(() => createTextTokenizer(json, specOf(256))).toThrow(message);
  });
});

describe("padBatch", () => {
  test("pads on the right to the longest row", () => {
    const batch = padBatch([Int32Array.of(101, 102), Int32Array.of(101, 7, 8, 102)], 9);
    expect(batch).toEqual({
      ids: BigInt64Array.of(101n, 102n, 9n, 9n, 101n, 7n, 8n, 102n),
      mask: BigInt64Array.of(1n, 1n, 0n, 0n, 1n, 1n, 1n, 1n),
      rows: 2,
      length: 4,
    });
  });

  test("the masked ids are the rows again", () => {
    const tokenRow = fc.array(fc.integer({ min: 0, max: 30_521 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(tokenRow, { maxLength: 8 }), (rows) => {
        const batch = padBatch(
          rows.map((row) => Int32Array.from(row)),
          0,
        );
        const unpadded = rows.map((_, row) => {
          const start = row * batch.length;
          return [...batch.ids.subarray(start, start + batch.length)]
            .filter((_, position) => batch.mask[start + position] === 1n)
            .map(Number);
        });
        expect(unpadded).toEqual(rows);
      }),
    );
  });
});
