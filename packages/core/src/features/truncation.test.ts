import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { countingPlatform, textBase } from "../../test/tiny-bases.js";
import type { TextInput } from "../dataset/dataset.js";
import { createTextTokenizer } from "../preprocess/text/text.js";
import { openMemoryCache } from "./cache.js";
import { allColumns, TEXT_LENGTH } from "./columns.js";
import { extractFeatures } from "./extract.js";
import { selectFeatures } from "./table.js";
import { TruncationCounter, textLengthsOf, truncationOfTable } from "./truncation.js";

const text = (words: number): TextInput => ({ kind: "text", text: "tea ".repeat(words).trim() });

/** Of 16 tokens two are special. */
const inputs = [text(3), text(14), text(15), text(42), text(3)];
const columns = [...allColumns(textBase.spec), TEXT_LENGTH];

describe("what a base does not read of texts", () => {
  it("is counted in the pass, and again when the layers come from the cache", async () => {
    const memory = await openMemoryCache("", 0);
    const options = { openCache: () => Promise.resolve(memory) };
    const first = await extractFeatures(textBase, columns, inputs, countingPlatform(), options);
    const second = await extractFeatures(textBase, columns, inputs, countingPlatform(), options);
    expect([first.computed, second.computed]).toEqual([4, 0]);
    for (const { table } of [first, second]) {
      expect(textLengthsOf(table)).toEqual([
        { read: 3, tokens: 3 },
        { read: 14, tokens: 14 },
        { read: 14, tokens: 15 },
        { read: 14, tokens: 42 },
        { read: 3, tokens: 3 },
      ]);
      expect(truncationOfTable(table, inputs)).toEqual({
        texts: 5,
        truncated: 2,
        share: 1 - 28 / 57,
        markup: 0,
      });
    }
  });

  it("changes nothing about the layers", async () => {
    const options = { openCache: openMemoryCache };
    const layers = allColumns(textBase.spec);
    const platform = countingPlatform();
    const alone = await extractFeatures(textBase, layers, inputs, platform, options);
    const beside = await extractFeatures(textBase, columns, inputs, platform, options);
    const rows = Int32Array.from(inputs.keys());
    expect(selectFeatures(beside.table, layers, rows)).toEqual(alone.table.matrix);
    expect(textLengthsOf(alone.table)).toBeUndefined();
  });

  it.each([
    ["<style>td { margin: 0 }</style> free", 1],
    ['<DIV class="a">free</DIV>', 1],
    ["a < b and b > c", 0],
    ["<tea> is no tag", 0],
  ])("names HTML tags in %j", (words, markup) => {
    const counter = new TruncationCounter();
    counter.add(words, { read: 1, tokens: 9 });
    counter.add(words, { read: 9, tokens: 9 });
    counter.add(words, undefined);
    expect(counter.total).toEqual({ texts: 3, truncated: 1, share: 8 / 9, markup });
  });
});

describe("the length of a text in tokens", () => {
  const file = new URL("../../../../models/minilm-l6/tokenizer.json", import.meta.url);
  const tokenizer = createTextTokenizer(JSON.parse(readFileSync(file, "utf8")), {
    kind: "text",
    tokenizer: "tokenizer.json",
    maxTokens: 16,
    padTokenId: 0,
    positions: 512,
  });

  it.each([
    ["", 0, 0],
    ["one two three", 3, 3],
    ["word ".repeat(14), 14, 14],
    ["word ".repeat(15), 14, 15],
    ["word ".repeat(200), 14, 200],
  ])("of %j", (words, read, tokens) => {
    expect(tokenizer.read(words)).toMatchObject({ read, tokens });
    expect(tokenizer.read(words).ids).toEqual(tokenizer.encode(words));
  });

  it("is estimated where only the start is read", () => {
    const { read, tokens } = tokenizer.read("word ".repeat(100_000));
    expect(read).toBe(14);
    expect(tokens).toBeGreaterThan(99_000);
    expect(tokens).toBeLessThan(101_000);
  });
});
