import { File } from "node:buffer";
import { DataError, UsageError } from "@engraft/core/errors";
import { describe, expect, it } from "vitest";
import type { DataSource, LabelledRow } from "../data-source.js";
import type { DataHome } from "../home.js";
import type { ReadOptions } from "../options.js";
import { fileOfBytes, folderOfFiles } from "../source/memory.js";
import { readDataset } from "./read-dataset.js";

const CSV = "text,label\nwin now,spam\nsee you,ham\n";
/** The beginning of a JPEG: without a home, nothing else is looked at. */
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16);

const evaluate = { purpose: "evaluate" } as const;

async function rowsOf(source: DataSource, options: ReadOptions = evaluate, home?: DataHome) {
  const { splits } = await readDataset(source, options, home);
  return splits.train.map(({ source: where, target, input }) => [
    where,
    target.label,
    input.kind === "text" ? input.text : input.kind,
  ]);
}

async function problemsOf(source: DataSource, options: ReadOptions = evaluate) {
  const error: unknown = await readDataset(source, options).catch((thrown: unknown) => thrown);
  if (error instanceof DataError) return error.problems;
  throw error;
}

const EXPECTED = [
  ["mails.csv:2", "spam", "win now"],
  ["mails.csv:3", "ham", "see you"],
];

describe("without any home", () => {
  it("a File and bytes are read as data files", async () => {
    expect(await rowsOf(new File([CSV], "mails.csv"))).toEqual(EXPECTED);
    expect(await rowsOf([new File([CSV], "mails.csv")])).toEqual(EXPECTED);
    expect(await rowsOf(fileOfBytes("mails.csv", new TextEncoder().encode(CSV)))).toEqual(EXPECTED);
  });

  it("Files of a chosen folder are read as that folder", async () => {
    const files = ["ham/1.txt", "ham/2.txt", "spam/1.txt", "spam/2.txt"].map((path) =>
      Object.assign(new File([path], path.slice(path.lastIndexOf("/") + 1)), {
        webkitRelativePath: `mails/${path}`,
      }),
    );
    const data = await readDataset(files);
    expect(data.labels).toEqual(["ham", "spam"]);
    expect(data.splits.train.map(({ source }) => source)).toEqual([
      "ham/1.txt",
      "ham/2.txt",
      "spam/1.txt",
      "spam/2.txt",
    ]);
  });

  it("a data file finds the images of its folder, and of the one above", async () => {
    const text = (content: string) => fileOfBytes("x", new TextEncoder().encode(content));
    const folder = folderOfFiles(
      "photos",
      new Map([
        ["train/metadata.csv", text("file_name,label\n1.jpg,a\n./1.jpg,b\n")],
        ["train/1.jpg", fileOfBytes("1.jpg", JPEG)],
        ["val/any.csv", text("image,label\n../train/1.jpg,a\n../gone.jpg,b\n../../out.jpg,b\n")],
      ]),
    );
    const data = await readDataset(folder, { ...evaluate, skipBad: true });
    expect(data.splits.train.map(({ target }) => target.label)).toEqual(["a", "b"]);
    const [first] = data.splits.train;
    expect(first?.input.kind === "image" && (await first.input.read())).toEqual(JPEG);
    expect(data.splits.val).toHaveLength(1);
    expect(data.skipped).toEqual([
      { where: "val/any.csv:3", what: 'the image "../gone.jpg" does not exist' },
      { where: "val/any.csv:4", what: 'the image "../../out.jpg" does not exist' },
    ]);
  });

  it("a data file that stands alone needs to know where its images are", async () => {
    const list = new File(["image,label\n1.jpg,a\n"], "list.csv");
    const error: unknown = await readDataset(list, evaluate).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).remedies).toEqual(["imageFolder"]);
    const imageFolder = folderOfFiles("photos", new Map([["1.jpg", fileOfBytes("1.jpg", JPEG)]]));
    expect(await rowsOf(list, { ...evaluate, imageFolder })).toEqual([
      ["list.csv:2", "a", "image"],
    ]);
  });

  it("a path is refused", async () => {
    await expect(readDataset("mails.csv")).rejects.toThrow(UsageError);
    await expect(readDataset(new URL("file:///mails.csv"))).rejects.toThrow(
      "file:///mails.csv: paths cannot be opened here.",
    );
  });
});

describe("rows without a label", () => {
  const rows = (without: number): [string, string][] => [
    ...Array.from({ length: 6 }, (_, i) => [`text ${i}`, i % 2 ? "a" : "b"] as [string, string]),
    ...Array.from({ length: without }, (_, i) => [`more ${i}`, " "] as [string, string]),
  ];

  it("are unlabelled examples where they are many, and that is said", async () => {
    const warnings: string[] = [];
    const onWarning = (message: string): void => void warnings.push(message);
    const dataset = await readDataset(rows(20), { purpose: "train", onWarning });
    expect(dataset.splits.train).toHaveLength(6);
    expect(dataset.unlabelled?.map(({ input }) => input)).toContainEqual({
      kind: "text",
      text: "more 3",
    });
    expect(dataset.unlabelled).toHaveLength(20);
    expect(dataset.skipped).toEqual([]);
    expect(warnings).toContain(
      "The data: 20 rows have no label; they are read as unlabelled examples.",
    );
  });

  it("are problems where they are few, and where labels are needed", async () => {
    await expect(readDataset(rows(19), { purpose: "train" })).rejects.toThrow("the label is empty");
    await expect(readDataset(rows(20), { purpose: "evaluate" })).rejects.toThrow(
      "the label is empty",
    );
    const { unlabelled, skipped } = await readDataset(rows(1), { purpose: "train", skipBad: true });
    expect(unlabelled).toBeUndefined();
    expect(skipped).toEqual([{ where: expect.any(String), what: "the label is empty" }]);
  });
});

describe("a home", () => {
  it("opens paths, or says that nothing is there", async () => {
    const file = fileOfBytes("mails.csv", new TextEncoder().encode(CSV));
    const home: DataHome = { open: async (path) => (path === "here" ? file : undefined) };
    expect(await rowsOf("here", evaluate, home)).toEqual(EXPECTED);
    await expect(readDataset("gone", evaluate, home)).rejects.toThrow("gone does not exist.");
  });

  it("looks at images: its problems are listed, its doubts are told", async () => {
    const files = ["a/1.jpg", "a/2.jpg", "b/3.jpg"].map(
      (path) => [path, fileOfBytes(path, JPEG)] as const,
    );
    const told: string[] = [];
    const home: DataHome = {
      checkImage: async ({ name }, start, maxPixels) => {
        expect([start, maxPixels]).toEqual([JPEG, 9]);
        return name === "2.jpg" ? { problem: "is too dark" } : { doubts: ["is very small"] };
      },
    };
    const data = await readDataset(
      folderOfFiles("photos", new Map(files)),
      { ...evaluate, skipBad: true, maxImagePixels: 9, onWarning: (text) => told.push(text) },
      home,
    );
    expect(data.skipped).toEqual([{ where: "a/2.jpg", what: "is too dark" }]);
    expect(told).toEqual(["a/1.jpg and 1 more: is very small."]);
  });
});

describe("rows", () => {
  const pairs: [string, string][] = [
    ["win", "spam"],
    ["now", "spam"],
    ["hi", " ham "],
    ["you", "ham"],
  ];

  it("are pairs of a text and its label, or objects whose columns are found", async () => {
    const expected = pairs.map(([text, label], i) => [`row ${i + 1}`, label.trim(), text]);
    expect(await rowsOf(pairs, {})).toEqual(expected);
    expect(await rowsOf(new Set(pairs), {})).toEqual(expected);
    const objects = pairs.map(([message, category]) => ({ message, category, id: 7 }));
    expect(await rowsOf(objects, {})).toEqual(expected);
    const named = pairs.map(([q, a]) => ({ q, a }));
    expect(await rowsOf(named, { columns: { text: "q", label: "a" } })).toEqual(expected);
    async function* come(): AsyncGenerator<LabelledRow> {
      yield* objects;
    }
    expect(await rowsOf(come(), {})).toEqual(expected);
  });

  it("are more than are looked at first", async () => {
    const many = Array.from({ length: 350 }, (_, i) => ({ text: `t${i}`, label: i % 2 }));
    const rows = await rowsOf(many, {});
    expect([rows.length, rows.at(-1)]).toEqual([350, ["row 350", "1", "t349"]]);
  });

  it("may name their split and their source", async () => {
    const rows = [
      { text: "a", label: "x", split: "train", source: "db/7" },
      { text: "b", label: "x" },
      { text: "c", label: "x", split: "test" },
    ];
    const data = await readDataset(rows, evaluate);
    expect(Object.keys(data.splits)).toEqual(["train", "test"]);
    expect(data.splits.train.map(({ source }) => source)).toEqual(["db/7", "row 2"]);
    expect(await problemsOf([{ text: "a", label: "x", split: "dev" }])).toEqual([
      { where: "row 1", what: 'has the split "dev"; expected train, val, test' },
    ]);
  });

  it("may be images, by their bytes or as files", async () => {
    const rows: LabelledRow[] = [
      [JPEG, "a"],
      [new Blob([JPEG]), "b"],
      [fileOfBytes("x.jpg", JPEG), "b"],
    ];
    expect(await rowsOf(rows)).toEqual([
      ["row 1", "a", "image"],
      ["row 2", "b", "image"],
      ["row 3", "b", "image"],
    ]);
    expect(await rowsOf([{ image: JPEG, label: "a" }])).toEqual([["row 1", "a", "image"]]);
    const data = await readDataset(rows, evaluate);
    const read = data.splits.train.map(async ({ input }) => input.kind === "image" && input.read());
    expect(await Promise.all(read)).toEqual([JPEG, JPEG, JPEG]);
  });

  it("that cannot be used are listed", async () => {
    const rows = [["fine", "a"], [" ", "a"], ["fine", null], ["too", "many", "parts"], "text", 7];
    expect(await problemsOf(rows as unknown as LabelledRow[])).toEqual([
      { where: "row 2", what: "the text is empty" },
      { where: "row 3", what: "the label is missing" },
      { where: "row 4", what: "is a list of 3; expected [input, label], or an object" },
      { where: "row 5", what: "is a string; expected [input, label], or an object" },
      { where: "row 6", what: "is a number; expected [input, label], or an object" },
    ]);
    expect(await problemsOf([{ image: Uint8Array.of(1, 2), label: "a" }])).toEqual([
      {
        where: "row 1",
        what: expect.stringContaining("the image is not an image of a known format"),
      },
    ]);
    expect(await problemsOf([{ image: 7, label: "a" }])).toEqual([
      { where: "row 1", what: expect.stringMatching(/the image is a number; expected its bytes/) },
    ]);
  });

  it("with columns called __proto__ and constructor are read", async () => {
    const row = JSON.parse('{"__proto__": "text", "constructor": "x"}') as LabelledRow;
    const columns = { text: "__proto__", label: "constructor" };
    expect(await rowsOf([row], { ...evaluate, columns })).toEqual([["row 1", "x", "text"]]);
  });

  it("that are none, and what is no data, are refused", async () => {
    await expect(readDataset([])).rejects.toThrow("The data has no examples");
    await expect(readDataset([], evaluate)).rejects.toThrow("The data has no examples");
    for (const nothing of [{}, { train: 1 }, 7, null]) {
      await expect(readDataset(nothing as unknown as DataSource)).rejects.toThrow(UsageError);
    }
  });

  it("stop when they are told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(readDataset(pairs, { signal })).rejects.toThrow("enough");
  });
});

it("a data set that was read before is given back", async () => {
  const data = await readDataset([["a", "x"]], evaluate);
  expect(await readDataset(data)).toBe(data);
});
