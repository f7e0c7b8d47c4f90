import { execFileSync } from "node:child_process";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawImage, errorOf, rowsOf, writeFiles, writeOne } from "./data-support.js";
import { readDataset } from "./flat-reading.js";

const image = await drawImage();
const isRoot = process.getuid?.() === 0;

describe("bad rows", () => {
  it("lists every one with its position, and leaves them out with skipBad", async () => {
    const csv =
      'text,label\nok,a\n" ",a\nx\nx,b,c\n"two\nlines",\nok,b\n"open "quote",a\nok,a\nok,b\n"never closed,a\n';
    const path = await writeOne("m.csv", csv);
    const error = await errorOf(path);
    expect(error.code).toBe("data/invalid");
    expect(error.problems.map(({ where, what }) => [where, what])).toEqual([
      ["m.csv:3", "the text is empty"],
      ["m.csv:4", expect.stringContaining("has 1 column where the header has 2")],
      ["m.csv:5", expect.stringContaining("has 3 columns where the header has 2")],
      ["m.csv:6", "the label is empty"],
      ["m.csv:9", expect.stringContaining("a double quote that is not closed")],
      ["m.csv:12", expect.stringContaining("a double quote that is not closed")],
    ]);
    expect(error.message).toContain("has 6 problems:\n  m.csv:3: the text is empty\n");
    expect(error.message).toContain("leave these out (option skipBad)");
    expect(error.remedies).toEqual(["skipBad"]);
    const data = await readDataset(path, { skipBad: true });
    expect(data.skipped).toEqual(error.problems);
    expect(data.splits.train.map(({ source }) => source)).toEqual([
      "m.csv:2",
      "m.csv:8",
      "m.csv:10",
      "m.csv:11",
    ]);
  });

  it("prints twenty problems and counts the others", async () => {
    const error = await errorOf(await writeOne("m.csv", `text,label\n${",a\n".repeat(33)}`));
    expect(error.problems).toHaveLength(33);
    expect(error.message.split("\n  ")).toHaveLength(22);
    expect(error.message).toContain("... and 13 more");
  });

  it("names lines of JSON Lines that are wrong", async () => {
    const lines = [
      '{"text": "a", "label": "x"}',
      '{"text": "a", "label": ',
      "[1, 2]",
      '{"text": 7, "label": "x"}',
      '{"text": "a"}',
      '{"text": "a", "label": ["x", "y"]}',
      '{"label": null}',
    ];
    const error = await errorOf(await writeOne("m.jsonl", lines.join("\n")));
    expect(error.problems.slice(0, 6).map(({ where, what }) => [where, what])).toEqual([
      ["m.jsonl:2", expect.stringContaining("is not valid JSON (")],
      ["m.jsonl:3", expect.stringContaining("is not a JSON object")],
      ["m.jsonl:4", "the text is a number where a string was expected"],
      ["m.jsonl:5", "the label is missing"],
      ["m.jsonl:6", "the label is a list where one string was expected"],
      ["m.jsonl:7", "the text is missing; the label is missing"],
    ]);
  });

  it("reports a text that is too long and goes on", async () => {
    const long = "long ".repeat(50);
    const csv = `text,label\n${long},a\nok,a\nok,a\nok,b\nok,b\n`;
    const options = { maxTextBytes: 100, skipBad: true };
    const data = await readDataset(await writeOne("m.csv", csv), options);
    expect(data.skipped).toEqual([
      { where: "m.csv:2", what: expect.stringMatching(/has 0.00025 MB.*0.0001 MB .*maxTextBytes/) },
    ]);
    const endless = `text,label\n"${long.repeat(10)},a\nok,a\nok,a\nok,b\nok,b\n`;
    const cut = await readDataset(await writeOne("m.csv", endless), options);
    expect(cut.skipped).toEqual([
      { where: "m.csv:2", what: expect.stringContaining("never closed") },
    ]);
    expect(cut.splits.train).toHaveLength(4);
  });

  it("refuses a cell of 50 MB", async () => {
    const path = await writeOne("m.csv", `text,label\n${"x".repeat(50_000_000)},a\nok,b\n`);
    expect((await errorOf(path)).problems[0]).toEqual({
      where: "m.csv:2",
      what: "the text has 50 MB; the limit is 10 MB (option maxTextBytes of the library)",
    });
  });
});

describe("bad headers and files", () => {
  it.each([
    ["text,body,label\na,b,c", 'several columns could be the text or image column: "text", "body"'],
    ["text,note\na,b", "no label column was found"],
    [
      "words,label\na,b",
      /no text or image column was found .*Columns: "words".*option columns.text or option columns.image/,
    ],
    [
      "text,label,tag\na,b,c",
      /several columns could be the label column: "label", "tag".*option columns.label/,
    ],
    ["text,label,text\na,b,c", '"text" appears more than once'],
    ['text,"label"x\na,b', "m.csv:1: the header cannot be read"],
    ["text,label\n", "has no examples"],
    ["", "has no examples"],
  ])("refuses a CSV that begins with %j", async (csv, message) => {
    const path = await writeOne("m.csv", csv);
    expect((await errorOf(path)).message).toMatch(message);
  });

  it("names a column that was asked for and is not there", async () => {
    const path = await writeOne("m.csv", "text,label\na,b");
    expect((await errorOf(path, { text: "mail" })).message).toContain(
      'm.csv: there is no column "mail". Columns: "text", "label". Name the column (option columns.text).',
    );
  });

  it.each([
    ["zeros", Buffer.alloc(5000), "zero bytes"],
    [
      "random bytes",
      Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * i * 31) >> 3)),
      "zero",
    ],
    ["an image", image, "is not a text file but a JPEG image"],
    [
      "an Excel workbook",
      Buffer.from("PK\x03\x04\x14\0\x06\0"),
      "Excel workbook; export it as CSV",
    ],
    ["gzip", Buffer.from("1f8b0800", "hex"), "gzip-compressed"],
  ])("refuses %s called .csv", async (_, content, message) => {
    const error = await errorOf(await writeOne("m.csv", content));
    expect(error.code).toBe("data/unreadable");
    expect(error.message).toContain(message);
  });

  it("names the line of bytes that are not valid, wherever pieces are cut", async () => {
    for (const length of [0, 65_510, 65_511, 65_512, 65_513, 200_000]) {
      const start = `text,label\n${"ü".repeat(length / 2)},a\n`;
      const bytes = Buffer.concat([Buffer.from(start), Buffer.from("caf\xe9,b\n", "latin1")]);
      const error = await errorOf(await writeOne("m.csv", bytes));
      expect(error.message).toMatch(/^m.csv:3: .*not valid UTF-8; convert .*iconv/);
    }
    const truncated = Buffer.from("text,label\na,é").subarray(0, -1);
    expect((await errorOf(await writeOne("m.csv", truncated))).message).toContain("m.csv:2: ");
    const surrogate = Buffer.from("\ufefftext,label\na,\ud800x\n", "utf16le");
    expect((await errorOf(await writeOne("m.csv", surrogate))).message).toMatch(
      /m.csv:2: .*UTF-16LE/,
    );
  });

  it.each([
    ["m.xlsx", "x", /is of a kind that cannot be read \(.xlsx\); expected one of .csv, .tsv/],
    ["m.json", "[{]", "m.json: is not valid JSON"],
    ["m.jsonl", "text,label\na,b\n", "m.jsonl:1: is not valid JSON"],
    ["m.parquet", "PAR1 this is no Parquet PAR1", "m.parquet: is not a readable Parquet file"],
    ["m.parquet", "", "m.parquet: is not a readable Parquet file"],
  ])("refuses the file %s with %j", async (name, content, message) => {
    expect((await errorOf(await writeOne(name, content))).message).toMatch(message);
  });

  it("says when the path does not exist", async () => {
    const reading = readDataset(join(await writeFiles({}), "gone.csv"));
    await expect(reading).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("gone.csv does not exist."),
    });
  });

  it.skipIf(isRoot)("says when a file or folder may not be read", async () => {
    const path = await writeOne("m.csv", "text,label\n");
    await chmod(path, 0);
    expect((await errorOf(path)).message).toContain("m.csv: may not be read (permission denied)");
    const folder = await writeFiles({ "a/1.jpg": image, "a/2.jpg": image, "b/1.jpg": image });
    await chmod(join(folder, "a/1.jpg"), 0);
    expect((await errorOf(folder)).problems[0]?.where).toBe("a/1.jpg");
    await chmod(join(folder, "b"), 0);
    expect((await errorOf(folder)).message).toContain("b: may not be read");
    await chmod(join(folder, "b"), 0o700);
  });
});

describe("bad images", () => {
  it("lists every one, in label folders", async () => {
    const folder = await writeFiles({
      "a/1.jpg": image,
      "a/2.jpg": "",
      "a/3.jpg": "not an image",
      "a/4.jpg": image.subarray(0, 20),
      "a/5.pdf": "x",
      "a/6.png": await drawImage(10_000, 10_000, "png"),
      "a/7.jpg": image,
      "b/1.jpg": image,
      "b/2.jpg": image,
      "stray.jpg": image,
    });
    await mkdir(join(folder, "b/old.jpg"));
    execFileSync("mkfifo", [join(folder, "a/pipe.jpg")]);
    const error = await errorOf(folder);
    expect(error.problems.map(({ where, what }) => [where, what])).toEqual([
      ["stray.jpg", "is an image outside the label folders"],
      ["a/pipe.jpg", "is neither a file nor a folder"],
      ["a/2.jpg", "is an empty file"],
      ["a/3.jpg", expect.stringContaining("is not an image of a known format")],
      ["a/4.jpg", expect.stringContaining("is not a readable image")],
      ["a/5.pdf", expect.stringContaining("is not an image by its extension")],
      ["a/6.png", expect.stringMatching(/10000 x 10000 .*100 megapixels.*50 .*maxImagePixels/)],
      ["b/old.jpg", expect.stringContaining("is a folder inside a label folder")],
    ]);
    const data = await readDataset(folder, { skipBad: true, maxImagePixels: 100_000_000 });
    expect(rowsOf(data).map(([source]) => source)).toEqual([
      "a/1.jpg",
      "a/6.png",
      "a/7.jpg",
      "b/1.jpg",
      "b/2.jpg",
    ]);
  });

  it("names the row and the file of an image column", async () => {
    const folder = await writeFiles({
      "p.csv": "image,label\n1.jpg,a\ngone.jpg,a\n,b\nhttps://x.org/1.jpg,b\n",
      "1.jpg": image,
    });
    const error = await errorOf(join(folder, "p.csv"));
    expect(error.problems.slice(0, 3).map(({ where, what }) => [where, what])).toEqual([
      ["p.csv:3", 'the image "gone.jpg" does not exist'],
      ["p.csv:4", "the image is missing"],
      ["p.csv:5", expect.stringContaining("is not a file; download it first")],
    ]);
  });

  it("names an image that disappeared before it was needed", async () => {
    const folder = await writeFiles({ "a/1.jpg": image, "a/2.jpg": image });
    const data = await readDataset(folder, { purpose: "evaluate" });
    await chmod(folder, 0o700);
    execFileSync("rm", [join(folder, "a/1.jpg")]);
    const input = data.splits.train[0]?.input;
    await expect(input?.kind === "image" && input.read()).rejects.toThrow(
      "a/1.jpg: does not exist",
    );
  });

  it("lists texts among label folders that are bad", async () => {
    const folder = await writeFiles({
      "a/1.txt": "ok",
      "a/2.txt": " \n",
      "a/3.txt": Buffer.from("ok\ncaf\xe9", "latin1"),
      "a/4.jpg": image,
      "b/1.txt": "x".repeat(300),
    });
    const error = await errorOf(folder, { maxTextBytes: 100 });
    expect(error.problems.slice(0, 4).map(({ where, what }) => [where, what])).toEqual([
      ["a/2.txt", "the text is empty"],
      ["a/3.txt:2", expect.stringContaining("not valid UTF-8")],
      ["a/4.jpg", "is not a text by its extension; expected .txt"],
      ["b/1.txt", expect.stringContaining("the text has 0.0003 MB")],
    ]);
  });
});

describe("too little data", () => {
  it("reports labels with one example, in train only", async () => {
    const folder = await writeFiles({
      "train.csv": "text,label\n1,a\n2,a\n3,b\n4,b\n5,rare\n",
      "test.csv": "text,label\n1,a\n2,new\n3,rare\n",
    });
    const error = await errorOf(folder);
    expect(error.problems.map(({ where, what }) => [where, what])).toEqual([
      ["train.csv:6", 'is the only usable example of the label "rare"; at least 2 are needed'],
      ["test.csv:3", 'has the label "new", which is not in the training data'],
      ["test.csv:4", 'has the label "rare", which has only one example in the training data'],
    ]);
    const data = await readDataset(folder, { skipBad: true });
    expect(data.labels).toEqual(["a", "b"]);
    expect([data.splits.train.length, data.splits.test?.length]).toEqual([4, 1]);
    const toEvaluate = await readDataset(folder, { purpose: "evaluate" });
    expect(toEvaluate.labels).toEqual(["a", "b", "new", "rare"]);
  });

  it("needs two labels", async () => {
    const path = await writeOne("m.csv", "text,label\n1,a\n2,a\n3,b\n");
    const error = await errorOf(path, { skipBad: true });
    expect([error.code, error.message]).toEqual([
      "data/too-few",
      expect.stringContaining("All 2 examples of"),
    ]);
    expect(error.message).toContain('have the label "a"; a classifier needs');
  });

  it("says when nothing is left", async () => {
    const path = await writeOne("m.csv", "text,label\n,a\n,b\n");
    const error = await errorOf(path, { skipBad: true });
    expect([error.code, error.problems.length]).toEqual(["data/empty", 2]);
    expect(error.message).toContain("has no examples left after 2 were skipped");
  });

  it("stops when it is told to", async () => {
    const path = await writeOne("m.csv", "text,label\n1,a\n2,a\n3,b\n4,b\n");
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(readDataset(path, { signal })).rejects.toThrow("enough");
  });
});
