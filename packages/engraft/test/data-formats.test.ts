import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorOf, rowsOf, writeFiles, writeOne } from "./data-support.js";
import { readDataset } from "./flat-reading.js";

const PARQUET = join(import.meta.dirname, "data-fixtures/mails.parquet");

const EXPECTED = [
  ["win now", "spam"],
  ["see you", "ham"],
  ["cheap pills", "spam"],
  ["lunch?", "ham"],
];
const CSV = "text,label\nwin now,spam\nsee you,ham\ncheap pills,spam\nlunch?,ham\n";

async function textsAndLabels(path: string): Promise<(string | undefined)[][]> {
  return rowsOf(await readDataset(path)).map(([, label, text]) => [text, label]);
}

/** Writes rows as RFC 4180 says: every value in quotes, its quotes doubled. */
function toCsv(rows: readonly (readonly string[])[], lineEnd: string): string {
  const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
  return rows.map((row) => row.map(quote).join(",") + lineEnd).join("");
}

describe("data files", () => {
  it.each([
    ["comma", "a.csv", CSV],
    ["semicolon", "a.csv", `\n${CSV.replaceAll(",", ";")}`],
    ["tab under .csv", "a.csv", CSV.replaceAll(",", "\t")],
    ["TSV", "A.TSV", CSV.replaceAll(",", "\t")],
    ["CRLF", "a.csv", CSV.replaceAll("\n", "\r\n")],
    ["CR", "a.csv", CSV.replaceAll("\n", "\r")],
    ["no line end at the end", "a.csv", CSV.trimEnd()],
    ["blank lines", "a.csv", `\n${CSV.replaceAll("\n", "\n\n  \n")}`],
    ["column names in other case and order", "a.csv", CSV.replace("text,label", " Text,CATEGORY ")],
    ["UTF-8 with BOM", "a.csv", `\ufeff${CSV}`],
    ["UTF-16 LE with BOM", "a.csv", Buffer.from(`\ufeff${CSV}`, "utf16le")],
    ["UTF-16 LE without BOM", "a.csv", Buffer.from(CSV, "utf16le")],
    ["UTF-16 BE with BOM", "a.csv", Buffer.from(`\ufeff${CSV}`, "utf16le").swap16()],
    ["UTF-16 BE without BOM", "a.csv", Buffer.from(CSV, "utf16le").swap16()],
    ["JSON Lines", "a.jsonl", toJson("\n")],
    ["NDJSON with CRLF, BOM and blank lines", "a.ndjson", `\ufeff${toJson("\r\n\r\n")}`],
    ["a JSON array", "a.json", ` \n[${toJson(",").slice(0, -1)}]`],
    ["JSON Lines called .json", "a.json", toJson("\n")],
  ])("reads %s", async (_, name, content) => {
    expect(await textsAndLabels(await writeOne(name, content))).toEqual(EXPECTED);
  });

  it("reads Parquet, with integer labels, row groups and zstd, and names rows by number", async () => {
    const error = await errorOf(PARQUET);
    expect(error.problems).toEqual([{ where: "mails.parquet:3", what: "the text is missing" }]);
    const data = await readDataset(PARQUET, { skipBad: true });
    expect(data.labels).toEqual(["0", "1"]);
    expect(rowsOf(data)).toEqual([
      ["mails.parquet:1", "1", "Gewinnen Sie heute"],
      ["mails.parquet:2", "0", "Bis morgen, José"],
      ["mails.parquet:4", "0", "你好，明天见"],
      ["mails.parquet:5", "1", "win now"],
    ]);
  });

  it("joins the shards of a split", async () => {
    const folder = await writeFiles({});
    for (const shard of ["train-00000-of-00002", "train-00001-of-00002", "test"]) {
      await copyFile(PARQUET, join(folder, `${shard}.parquet`));
    }
    const data = await readDataset(folder, { skipBad: true });
    expect([data.splits.train.length, data.splits.test?.length]).toEqual([8, 4]);
  });

  it("turns numbers and booleans into labels", async () => {
    const lines = [1, 1, true, true, 2.5, 2.5].map((label) => JSON.stringify({ text: "a", label }));
    const data = await readDataset(await writeOne("a.jsonl", lines.join("\n")));
    expect(data.labels).toEqual(["1", "2.5", "true"]);
  });

  it("takes labels as they are, trimmed, in normal form C, sorted by code point", async () => {
    const labels = ["__proto__", "constructor", " cafe\u0301 ", "caf\u00e9", "\u{1f600}", "\uffee"];
    const rows = [...labels, ...labels].map((label) => ["some text", label]);
    const data = await readDataset(
      await writeOne("a.csv", toCsv([["text", "label"], ...rows], "\n")),
    );
    const expected = ["__proto__", "caf\u00e9", "constructor", "\uffee", "\u{1f600}"];
    expect(data.labels).toEqual(expected);
    expect(data.splits.train).toHaveLength(12);
  });

  it("names a row by the line on which it begins", async () => {
    const csv = 'text,label\r\n"one\r\ntwo\r\n",a\r\n\r\n"x ""y"" z",a\r\n5" pipe,b\r\nlast,b';
    expect(rowsOf(await readDataset(await writeOne("m.csv", csv)))).toEqual([
      ["m.csv:2", "a", "one\r\ntwo\r\n"],
      ["m.csv:6", "a", 'x "y" z'],
      ["m.csv:7", "b", '5" pipe'],
      ["m.csv:8", "b", "last"],
    ]);
  });

  it("finds columns by the names that are given", async () => {
    const path = await writeOne("a.csv", "v1,v2,text\na,x,1\na,y,1\nb,z,1\nb,w,1\n");
    const data = await readDataset(path, { text: "V2", label: "v1" });
    expect(rowsOf(data)[0]).toEqual(["a.csv:2", "a", "x"]);
  });

  it("reads a row that is spread over many pieces of the file", async () => {
    const long = 'über "quoted", 你好\r\n'.repeat(40_000);
    const rows = [
      ["text", "label"],
      [long, "a"],
      [long, "a"],
      ["x", "b"],
      ["y", "b"],
    ];
    for (const encoding of ["utf8", "utf16le"] as const) {
      const bytes = Buffer.from(`\ufeff${toCsv(rows, "\r\n")}`, encoding);
      const data = await readDataset(await writeOne("a.csv", bytes));
      expect(data.splits.train[1]?.input).toEqual({ kind: "text", text: long });
      expect(data.splits.train[3]?.source).toBe("a.csv:80005");
    }
  });
});

describe("round trips", () => {
  const texts = fc.array(
    fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.trim() !== ""),
    { minLength: 1, maxLength: 8 },
  );
  const awkward = fc.array(
    fc.array(fc.constantFrom('"', ",", "\n", "\r", ";", "\t", "x", "é", "😀"), { minLength: 1 }),
    { minLength: 1, maxLength: 8 },
  );

  it("gives back what was written as CSV", async () => {
    const property = fc.asyncProperty(
      fc.oneof(
        texts,
        awkward.map((rows) => rows.map((row) => `x${row.join("")}`)),
      ),
      fc.constantFrom("\n", "\r\n"),
      async (values, lineEnd) => {
        const rows = [...values, ...values].map((text, i) => [text, i % 2 ? "a" : "b"]);
        rows.push(["end", "a"], ["end", "a"], ["end", "b"], ["end", "b"]);
        const path = await writeOne("a.csv", toCsv([["text", "label"], ...rows], lineEnd));
        expect(await textsAndLabels(path)).toEqual(rows);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("splits records as csv-parse does", async () => {
    const field = fc.oneof(
      fc.stringMatching(/^[a-z "']*$/).map((text) => `z${text}`),
      fc.stringMatching(/^[a-z ,;\n\r"]+$/).map((text) => `"z${text.replaceAll('"', '""')}"`),
    );
    const property = fc.asyncProperty(
      fc.array(fc.tuple(field, field), { minLength: 2, maxLength: 10 }),
      async (fields) => {
        const csv = ["text,label", ...fields.map((row) => row.join(","))].join("\n");
        const oracle: string[][] = parse(csv, {
          relax_quotes: true,
          record_delimiter: ["\r\n", "\n", "\r"],
        });
        const data = await readDataset(await writeOne("a.csv", csv), { purpose: "evaluate" });
        const found = rowsOf(data).map(([, label, text]) => [text, label]);
        expect(found).toEqual(oracle.slice(1).map(([text, label]) => [text, label?.trim()]));
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("gives back what was written as JSON Lines", async () => {
    const property = fc.asyncProperty(texts, async (values) => {
      const rows = ["end", "end", ...values, ...values].map((text, i) => [text, i < 2 ? "a" : "b"]);
      const lines = rows.map(([text, label]) => JSON.stringify({ text, label }));
      expect(await textsAndLabels(await writeOne("a.jsonl", lines.join("\n")))).toEqual(rows);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

function toJson(separator: string): string {
  return EXPECTED.map(([text, label]) => JSON.stringify({ text, label }) + separator).join("");
}
