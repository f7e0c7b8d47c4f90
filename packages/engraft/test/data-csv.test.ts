import { describe, expect, it } from "vitest";
import { errorOf, rowsOf, writeOne } from "./data-support.js";
import { readDataset, relabelledFile } from "./flat-reading.js";

const ROWS = [
  ["m.csv:2", "a", "x y"],
  ["m.csv:3", "b", "z"],
];

describe("dialects of CSV", () => {
  it.each([
    ["pipes", "text|label\nx y|a\nz|b", "m.csv: is read with the delimiter |."],
    ["a comma beside pipes", "text,a|b,label\nx y,1|2,a\nz,,b", undefined],
  ])("are told: %s", async (_, csv, warning) => {
    const warnings: string[] = [];
    const data = await readDataset(await writeOne("m.csv", csv), {
      purpose: "evaluate",
      onWarning: (message) => warnings.push(message),
    });
    expect(rowsOf(data)).toEqual(ROWS);
    expect(warnings).toEqual(warning ? [warning] : []);
  });

  it.each([
    ["sep=;\r\n", ";"],
    ["\ufeffSEP=|\n", "|"],
    ["sep=\t\n", "\t"],
    ["sep=^\n", "^"],
  ])("are told by their first line: %j", async (first, delimiter) => {
    const csv = `${first}text,label\nx y,a\nz,b\n`.replaceAll(",", delimiter);
    const warnings: string[] = [];
    const path = await writeOne("m.csv", csv);
    const onWarning = (message: string) => warnings.push(message);
    const data = await readDataset(path, { purpose: "evaluate", onWarning });
    expect(rowsOf(data)).toEqual([
      ["m.csv:3", "a", "x y"],
      ["m.csv:4", "b", "z"],
    ]);
    expect(warnings).toEqual([
      `m.csv: is read with the delimiter ${delimiter === "\t" ? "tab" : delimiter}, which its first line names.`,
    ]);
    const relabelled = await relabelledFile(path, new Map([[4, `b${delimiter}`]]), {});
    expect(Buffer.from(relabelled).toString()).toBe(
      csv.replace(`z${delimiter}b`, `z${delimiter}"b${delimiter}"`),
    );
  });

  it("a line that only looks like one is the header", async () => {
    const data = await readDataset(await writeOne("m.csv", "sep=ab,text,label\n1,x,a\n"), {
      purpose: "evaluate",
    });
    expect(rowsOf(data)).toEqual([["m.csv:2", "a", "x"]]);
  });
});

describe("a CSV without header", () => {
  const csv = 'x y,1,a\n"z, z",2,b\n';

  it("names its columns by number when told so", async () => {
    const path = await writeOne("m.csv", csv);
    const columns = { header: false, text: "1", label: "3" };
    const data = await readDataset(path, { ...columns, purpose: "evaluate" });
    expect(rowsOf(data)).toEqual([
      ["m.csv:1", "a", "x y"],
      ["m.csv:2", "b", "z, z"],
    ]);
    const relabelled = await relabelledFile(path, new Map([[1, "c"]]), columns);
    expect(Buffer.from(relabelled).toString()).toBe(csv.replace(",a", ",c"));
  });

  it("is pointed out when a column is missing", async () => {
    const path = await writeOne("m.csv", csv);
    expect((await errorOf(path)).message).toMatch(
      /no label column was found.*The first line was taken for the header.*option header: false/,
    );
    expect((await errorOf(path, { header: false })).message).toMatch(
      /no label column was found.*Columns: "1", "2", "3"\. Name the column \(option columns\.label\)\.$/,
    );
  });
});

describe("many columns", () => {
  it("are read in linear time: 200,000", async () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `c${i}`);
    const header = [...names, "label", "text"].join(",");
    const cells = ",".repeat(200_000);
    const csv = `${header}\n${cells}a,x\n${cells}b,y\n`;
    const data = await readDataset(await writeOne("m.csv", csv), { purpose: "evaluate" });
    expect(rowsOf(data)).toEqual([
      ["m.csv:2", "a", "x"],
      ["m.csv:3", "b", "y"],
    ]);
    const repeated = await errorOf(await writeOne("m.csv", `${header},c7\n`));
    expect(repeated.message).toContain('the column "c7" appears more than once');
  });

  it("are counted where a row or a header has too many", async () => {
    const commas = ",".repeat(3_000_000);
    const row = await errorOf(await writeOne("m.csv", `text,label\n${commas}\nx,a\n`), {
      purpose: "evaluate",
    });
    expect(row.problems).toEqual([
      {
        where: "m.csv:2",
        what: expect.stringContaining("has 3000001 columns where the header has 2; a value"),
      },
    ]);
    const header = await errorOf(await writeOne("m.csv", `${commas}\nx,a\n`));
    expect(header.message).toBe("m.csv:1: has 3000001 columns; the limit is 1000000.");
  });

  it("say what short rows lack", async () => {
    const csv = "text,label,note\nx,a\ny,b,\n";
    const error = await errorOf(await writeOne("m.csv", csv), { purpose: "evaluate" });
    expect(error.problems).toEqual([
      {
        where: "m.csv:2",
        what: "has 2 columns where the header has 3; write a delimiter for every column, also for empty ones",
      },
    ]);
  });
});
