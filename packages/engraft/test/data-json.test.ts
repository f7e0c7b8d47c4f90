import { describe, expect, it } from "vitest";
import { errorOf, rowsOf, writeOne } from "./data-support.js";
import { readDataset } from "./flat-reading.js";

/** What a file of JSON holds, as text and label, and what was said about it. */
async function read(name: string, content: string) {
  const warnings: string[] = [];
  const data = await readDataset(await writeOne(name, content), {
    purpose: "evaluate",
    onWarning: (message) => warnings.push(message),
  });
  return { rows: rowsOf(data).map(([, label, text]) => [text, label]), warnings };
}

describe("numbers of JSON", () => {
  it.each([
    ["9007199254740993", "9007199254740993"],
    ["9007199254740992", "9007199254740992"],
    ["-1234567890123456781", "-1234567890123456781"],
    ["1234567890123456789012345", "1234567890123456789012345"],
    ["0.1234567890123456789", "0.1234567890123456789"],
    ["1e400", "1e400"],
    ["-1E-400", "-1E-400"],
    ["9007199254740991", "9007199254740991"],
    ["1.50", "1.5"],
    ["1.0", "1"],
    ["-0", "0"],
    ["0.10e1", "1"],
    ["1e21", "1e+21"],
    ["5e-324", "5e-324"],
    ["0e9999999", "0"],
  ])("%s are the label %s", async (number, label) => {
    for (const [name, content] of [
      ["a.jsonl", `{"deep":{"label":1},"text":"a","label":0,"label": ${number} ,"x":[{}]}\n`],
      ["a.json", `[{"text":"a","label":${number}}]`],
      ["b.json", `{"text":{"0":"a"},"label":{"0": ${number}}}`],
      ["c.json", `{"columns":["label","text"],"data":[[${number},"a"]]}`],
    ] as const) {
      expect((await read(name, content)).rows).toEqual([["a", label]]);
    }
  });

  it("do not merge labels that differ in their last digits", async () => {
    const ids = ["1234567890123456781", "1234567890123456789", "1234567890123499999"];
    const lines = [...ids, ...ids].map((id) => `{"text":"a","label":${id}}`);
    const data = await readDataset(await writeOne("a.jsonl", lines.join("\n")));
    expect(data.labels).toEqual(ids);
  });

  it("are not texts", async () => {
    const error = await errorOf(
      await writeOne("a.jsonl", '{"text":12345678901234567890,"label":"x"}'),
    );
    expect(error.problems[0]?.what).toBe("the text is a number where a string was expected");
  });
});

describe("forms of JSON", () => {
  const ROWS = [
    ['a {"]', "x"],
    ["b", "y"],
  ];
  const A = '"a {\\"]"';

  it.each([
    ["an array", `\n[{"text":${A},"label":"x"}, {"label":"y","text":"b"}]\n`, undefined],
    ["one object a line", `{"text":${A},"label":"x"}\r\n{"label":"y","text":"b"}`, undefined],
    [
      "a list under a name",
      `{"version": 2, "meta": {"n": [1]}, "data": [\n{"text":${A},"label":"x"},\n{"label":"y","text":"b"}]}`,
      'a.json: is read as the list under "data".',
    ],
    [
      "pandas' table",
      `{"schema":{"fields":[{"name":"text"}]},"data":[{"index":0,"text":${A},"label":"x"},{"index":1,"text":"b","label":"y"}]}`,
      'a.json: is read as the list under "data".',
    ],
    [
      "pandas' columns",
      `{"text": {"0":${A},"1":"b"}, "label": {"1":"y","0":"x"}, "n": {"0":1,"1":null}}`,
      'a.json: is read as a table of pandas (orient="columns").',
    ],
    [
      "pandas' index",
      `{"4": {"text":${A},"label":"x"}, "2": {"text":"b","label":"y"}}`,
      'a.json: is read as a table of pandas (orient="index").',
    ],
    [
      "pandas' split",
      `{"columns":["text","n","label"],"index":[0,1],"data":[[${A},1,"x"],["b",2,"y"]]}`,
      'a.json: is read as a table of pandas (orient="split").',
    ],
    [
      "lists",
      `{"text": [${A}, "b"], "label": ["x", "y"]}`,
      "a.json: is read as one list a column.",
    ],
  ])("are read: %s", async (_, content, warning) => {
    expect(await read("a.json", content)).toEqual({
      rows: ROWS,
      warnings: warning ? [warning] : [],
    });
  });

  it("one object is one row", async () => {
    expect((await read("a.json", '{"text":"a",\n"label":"x"}')).rows).toEqual([["a", "x"]]);
  });

  it.each([
    ['{"train":[{"text":"a"}],"test":[{"text":"b"}]}', 'several lists of objects: "train", "test"'],
    [
      '{"a":{"text":"a","label":"x"},"b":{"text":"b","label":"y"}}',
      "neither are named by row numbers",
    ],
    ['{"text":["a","b"],"label":["x"]}', "lists of different lengths: 2, 1"],
    ['[{"text":"a","label":"x"}] x', "is not valid JSON (Unexpected text after"],
    ['[{"text":"a","label":"x"} {"text":"b","label":"x"}]', "is not valid JSON"],
    ['{"data":[{"text":"a","label":"x"}', "is not valid JSON (Unexpected end"],
    ['[["a","x"]]', "is not a JSON object"],
    ['{"text": {"0":"a"}, "label": {"0":tru}}', "is not valid JSON"],
  ])("are refused: %s", async (content, message) => {
    const error = await errorOf(await writeOne("a.json", content), { purpose: "evaluate" });
    expect(error.message).toContain(message);
  });

  it("rows that lack values are reported, and no other", async () => {
    const split = '{"columns":["text","label"],"data":[["a","x"],["b"],["c","y"]]}';
    const error = await errorOf(await writeOne("a.json", split), { purpose: "evaluate" });
    expect(error.problems).toEqual([
      { where: "a.json:2", what: "has 1 values where there are 2 columns" },
    ]);
    const columns = '{"text":{"0":"a","1":"b"},"label":{"0":"x"}}';
    const other = await errorOf(await writeOne("a.json", columns), { purpose: "evaluate" });
    expect(other.problems).toEqual([{ where: "a.json:2", what: "the label is missing" }]);
  });
});
