import { readFile } from "node:fs/promises";
import { canRelabel } from "@engraft/data";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { writeOne } from "./data-support.js";
import { readDataset, relabelledFile } from "./flat-reading.js";

/** A copy of a file with other labels on some lines, as text. */
async function relabel(name: string, content: string, labels: Record<number, string>) {
  const path = await writeOne(name, content);
  const changes = new Map(Object.entries(labels).map(([line, label]) => [Number(line), label]));
  return Buffer.from(await relabelledFile(path, changes, {})).toString();
}

describe("a relabelled CSV", () => {
  it("differs in nothing but the labels", async () => {
    const content = [
      "\r\n id ;Label; text\r\n",
      '1;ham;"over\r\ntwo ""lines"";"\r\n',
      "\r\n",
      '2;"ham";plain "quotes" inside\r',
      "3;;empty, and unusable\n",
      "4;spam; spaced ",
    ];
    const relabelled = await relabel("mails.csv", content.join(""), { 3: "spam", 6: "spam" });
    expect(relabelled).toBe(
      content.join("").replace("1;ham", "1;spam").replace('2;"ham"', '2;"spam"'),
    );
  });

  it("quotes labels that need it", async () => {
    const content = "text,label\na,x\nb,y\nc,z";
    expect(await relabel("a.csv", content, { 2: "one, two", 4: 'say "so"' })).toBe(
      'text,label\na,"one, two"\nb,y\nc,"say ""so"""',
    );
    expect(await relabel("a.tsv", content.replaceAll(",", "\t"), { 3: "one, two" })).toBe(
      "text\tlabel\na\tx\nb\tone, two\nc\tz",
    );
  });

  it.for([
    ["utf-8 with its mark", "\uFEFF", "utf8"],
    ["utf-16le", "", "utf16le"],
    ["utf-16le with its mark", "\uFEFF", "utf16le"],
  ] as const)("stays in %s", async ([, mark, encoding]) => {
    const content = `${mark}text,label\nGrüße 写真,ham\nb,spam\n`;
    const path = await writeOne("a.csv", Buffer.from(content, encoding));
    const bytes = await relabelledFile(path, new Map([[2, "Müll"]]), {});
    const expected = content.replace("ham", "Müll");
    expect(Buffer.from(bytes).equals(Buffer.from(expected, encoding))).toBe(true);
  });

  it("stays in utf-16be", async () => {
    const encode = (text: string) => Buffer.from(text, "utf16le").swap16();
    const path = await writeOne("a.csv", encode("\uFEFFtext,label\na,ham\nb,spam\n"));
    const bytes = await relabelledFile(path, new Map([[3, "ham"]]), {});
    expect(Buffer.from(bytes).equals(encode("\uFEFFtext,label\na,ham\nb,ham\n"))).toBe(true);
  });

  const cell = fc
    .string({ unit: fc.constantFrom("a", "é", '"', ",", ";", "\n", "\r", " "), maxLength: 6 })
    .map((text) => `x${text}x`);
  const rows = fc.array(fc.record({ text: cell, label: cell, changed: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  test.prop([rows, fc.constantFrom(",", ";", "\t"), fc.boolean()], { numRuns: 50 })(
    "reads as it did, but for the labels that were changed",
    async (given, delimiter, labelFirst) => {
      const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
      const line = (label: string, text: string) =>
        (labelFirst ? [label, text] : [text, label]).join(delimiter);
      const lines = given.map(({ label, text }) => line(quote(label), quote(text)));
      const path = await writeOne("a.csv", [line("label", "text"), ...lines].join("\n"));
      const read = async (file: string) => {
        const { splits } = await readDataset(file, { purpose: "evaluate" });
        return splits.train;
      };
      const before = await read(path);
      const labels = new Map(
        before.flatMap(({ source }, row) =>
          given[row]!.changed ? [[Number(source.split(":")[1]), 'new, "label"'] as const] : [],
        ),
      );
      const after = await read(await writeOne("b.csv", await relabelledFile(path, labels, {})));
      expect(after.map(({ input }) => input)).toEqual(before.map(({ input }) => input));
      expect(after.map(({ target }) => target.label)).toEqual(
        before.map(({ target }, row) => (given[row]!.changed ? 'new, "label"' : target.label)),
      );
    },
  );
});

describe("relabelled JSON Lines", () => {
  it("differ in nothing but the labels of the lines that were changed", async () => {
    const content = '{ "n": 1.0, "text": "a", "label": "ham" }\n\n{"label": "spam","text":"b"}\r\n';
    expect(await relabel("a.jsonl", content, { 3: "ham" })).toBe(
      '{ "n": 1.0, "text": "a", "label": "ham" }\n\n{"label": "ham","text":"b"}\r\n',
    );
  });

  it("keep numbers, repeated keys, white space and escapes as they are written", async () => {
    const rest = String.raw`{ "id":12345678901234567890 ,"f":1.0,"e":1e400, "e" : -0, "deep":{"label":"no}\"","x":[1.50,"]"]},"text":"a\/\\",`;
    const content = ` 	${rest}"label":"old", "lab\\u0065l" :	"ham" , "tail":0.10}
`;
    expect(await relabel("a.jsonl", content, { 1: 'new "one"\\' })).toBe(
      content.replace('"ham"', String.raw`"new \"one\"\\"`),
    );
  });

  it("take the digits of a number that a double cannot hold", async () => {
    const content = '{"text":"a","label":1234567890123456789}\n{"text":"b","label":1}\n';
    expect(await relabel("a.jsonl", content, { 1: "1234567890123456781", 2: "1.0" })).toBe(
      '{"text":"a","label":1234567890123456781}\n{"text":"b","label":"1.0"}\n',
    );
  });

  it("keep numbers and truth values as such", async () => {
    const content = '{"text":"a","label":1}\n{"text":"b","label":true}\n{"text":"c","label":"1"}';
    expect(await relabel("a.ndjson", content, { 1: "2", 2: "false", 3: "2" })).toBe(
      '{"text":"a","label":2}\n{"text":"b","label":false}\n{"text":"c","label":"2"}',
    );
    expect(await relabel("a.jsonl", content, { 1: "two", 2: "1.50" })).toBe(
      '{"text":"a","label":"two"}\n{"text":"b","label":"1.50"}\n{"text":"c","label":"1"}',
    );
  });
});

describe("relabelled JSON", () => {
  it.for([
    ["an array", '[ {"text":"a", "label":"x", "n":1.0},\r\n\t{"text":"b" ,"label" : "y"} ]\n', 2],
    [
      "a list under a name",
      '{"n": 1.0, "data": [{"text":"a","label":"x"},{"text":"b","label":"y"}]}',
      2,
    ],
    ["one object a line", '{"text":"a","label":"x"}\n\n{"label":"y", "text":"b"}\n', 3],
    ["rows by number", '{"7": {"text":"a","label":"x"}, "9": {"text":"b","label":"y"}}', 2],
    ["columns by name", '{"text": {"0":"a","1":"b"}, "label": {"1":"y","0":"x"}}', 2],
    [
      "a split table",
      '{"columns":["label","text"],"index":[5,6],"data":[["x","a"],[ "y" ,"b"]]}',
      2,
    ],
    ["lists", '{"label": ["x", "y"], "text": ["a", "b"]}', 2],
  ] as const)("differs in nothing but the labels: %s", async ([, content, second]) => {
    expect(await relabel("a.json", content, { [second]: "new" })).toBe(
      content.replace('"y"', '"new"'),
    );
    expect(await relabel("a.json", content, { [second]: "b", 1: "a" })).toBe(
      content.replace('"y"', '"b"').replace('"x"', '"a"'),
    );
  });
});

it("knows what it can copy", () => {
  expect(["a.csv", "A.TSV", "a.jsonl", "a.ndjson", "a.json"].every(canRelabel)).toBe(true);
  expect(["a.parquet", "photos"].some(canRelabel)).toBe(false);
});

it("leaves the file itself as it is", async () => {
  const path = await writeOne("a.csv", "text,label\na,ham\n");
  await relabelledFile(path, new Map([[2, "spam"]]), {});
  expect(await readFile(path, "utf8")).toBe("text,label\na,ham\n");
});

it.each([
  ["a.csv", "text,label\na,ham\n", 9],
  ["a.jsonl", '{"text":"a","label":"x"}\n\n', 2],
  ["a.json", '[{"text":"a","label":"x"}]', 2],
])("says when %s has no such record", async (name, content, position) => {
  const path = await writeOne(name, content);
  await expect(relabelledFile(path, new Map([[position, "spam"]]), {})).rejects.toThrow(
    `${name} has no label at ${position}.`,
  );
});
