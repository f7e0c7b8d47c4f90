import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawImage, errorOf, rowsOf, writeFiles } from "./data-support.js";
import { type NamedInput, type ReadOptions, readDataset, readInputs } from "./flat-reading.js";

const image = await drawImage();

/** Files with the same small image. */
function images(...names: string[]): Record<string, Uint8Array> {
  return Object.fromEntries(names.map((name) => [name, image]));
}

/** The rows of each split of a folder or file, and what was said. */
async function read(path: string, options: ReadOptions = {}) {
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  const data = await readDataset(path, { ...options, onWarning });
  const splits = Object.keys(data.splits).map((split) => [
    split,
    rowsOf(data, split as "train").map(([source, label]) => `${source} ${label}`),
  ]);
  return { ...Object.fromEntries(splits), warnings };
}

describe("the layout of a competition", () => {
  const files = images(
    "train/1.jpg",
    "train/2.jpg",
    "train/3.jpg",
    "train/4.jpg",
    "test/1.jpg",
    "test/2.jpg",
  );
  const train = ["train.csv:2 cat", "train.csv:3 cat", "train.csv:4 dog", "train.csv:5 dog"];
  const understood = "train.csv: is read as the labels of the images in train/.";

  it.each([
    ["with the names of files", "id,label\n1.jpg,cat\n2.jpg,cat\n3.jpg,dog\n4.jpg,dog\n", {}],
    ["with names without extension", "image_id,label\n1,cat\n2,cat\n3,dog\n4,dog\n", {}],
    [
      "with a usual column beside an id",
      "id,image,label\n7,1.jpg,cat\n8,2.jpg,cat\n9,3.jpg,dog\n0,4.jpg,dog\n",
      {},
    ],
    [
      "with a column that is named",
      "n,breed\n1,cat\n2,cat\n3,dog\n4,dog\n",
      { image: "n", label: "breed" },
    ],
  ])("is read: %s", async (_, csv, options) => {
    const folder = await writeFiles({
      ...files,
      "train.csv": csv,
      "sample_submission.csv": "id,label\n",
    });
    expect(await read(folder, options)).toEqual({
      train,
      warnings: [understood, "test: has no labels and is left out."],
    });
  });

  it("leaves out a test file without labels, and reads one with labels", async () => {
    const csv = "id,label\n1.jpg,cat\n2.jpg,cat\n3.jpg,dog\n4.jpg,dog\n";
    const folder = await writeFiles({ ...files, "train.csv": csv, "test.csv": "id\n1.jpg\n" });
    expect(await read(folder)).toEqual({
      train,
      warnings: [
        understood,
        "test.csv: is read as the labels of the images in test/.",
        "test.csv: has no labels and is left out.",
      ],
    });
    const labelled = await writeFiles({
      ...files,
      "train.csv": csv,
      "test.csv": "id,label\n1.jpg,dog\n",
    });
    expect(await read(labelled)).toMatchObject({ train, test: ["test.csv:2 dog"] });
  });

  it("names an image that is not there", async () => {
    const csv = "id,label\n1,cat\n2,cat\n3,dog\n4,dog\n5,dog\n";
    const error = await errorOf(await writeFiles({ ...files, "train.csv": csv }));
    expect(error.problems).toEqual([
      { where: "train.csv:6", what: 'the image "5" does not exist' },
    ]);
  });
});

describe("a test folder without labels", () => {
  const files = images(
    "train/a/1.jpg",
    "train/a/2.jpg",
    "train/b/1.jpg",
    "train/b/2.jpg",
    "test/1.jpg",
  );

  it("is left out of training with a word, and refused where it is to be measured on", async () => {
    const folder = await writeFiles(files);
    expect(await read(folder)).toEqual({
      train: ["train/a/1.jpg a", "train/a/2.jpg a", "train/b/1.jpg b", "train/b/2.jpg b"],
      warnings: ["test: has no labels and is left out."],
    });
    expect((await errorOf(folder, { purpose: "evaluate" })).message).toBe(
      "test: holds 1 files without labels; put them into a folder for each label.",
    );
  });
});

describe("labels in the names of images", () => {
  const named = images("cat.0.jpg", "cat.10.jpg", "big dog.1.jpg", "big dog.2.png");
  const rows = [
    "big dog.1.jpg big dog",
    "big dog.2.png big dog",
    "cat.0.jpg cat",
    "cat.10.jpg cat",
  ];

  it("are read, alone and in splits", async () => {
    const folder = await writeFiles(named);
    const word = 'is read as images with their labels in their names, as "cat.0.jpg".';
    expect(await read(folder)).toEqual({ train: rows, warnings: [`${folder}: ${word}`] });
    const inSplits = Object.entries(named).flatMap(([name, file]) => [
      [`train/${name}`, file] as const,
      [`test/${name}`, file] as const,
    ]);
    const split = await writeFiles(Object.fromEntries(inSplits));
    expect(await read(split)).toEqual({
      train: rows.map((row) => `train/${row}`),
      test: rows.map((row) => `test/${row}`),
      warnings: [`test and 1 more: ${word}`],
    });
  });

  it.each([
    ["one that has none", ["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg", "other.jpg"]],
    ["a single label", ["cat.0.jpg", "cat.1.jpg"]],
    ["a name for each", ["a.0.jpg", "b.1.jpg", "c.2.jpg"]],
  ])("are not guessed from %s", async (_, names) => {
    expect((await errorOf(await writeFiles(images(...names)))).message).toContain(
      "holds no labelled data",
    );
  });
});

describe("an empty label folder", () => {
  it.each([
    ["of images", images("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"), "c"],
    [
      "of texts",
      { "a/1.txt": "x", "a/2.txt": "x", "b/1.txt": "y", "b/2.txt": "y", "c/.keep": "" },
      "c",
    ],
    [
      "in a split",
      images("train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "train/b/2.jpg"),
      "train/c",
    ],
    [
      "of another split",
      images("train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "train/b/2.jpg", "val/a/1.jpg"),
      "val/c",
    ],
  ])("is reported: %s", async (_, files, empty) => {
    const folder = await writeFiles(files);
    await mkdir(join(folder, empty), { recursive: true });
    const expected = [{ where: empty, what: "is a label folder without files" }];
    expect((await errorOf(folder)).problems).toEqual(expected);
    const data = await readDataset(folder, { skipBad: true });
    expect([data.skipped, data.labels]).toEqual([expected, ["a", "b"]]);
  });

  it("is one where files are only hidden; one with a folder in it is reported for that", async () => {
    const folder = await writeFiles({
      ...images("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", "d/inner/1.jpg"),
      "c/.DS_Store": "x",
    });
    expect((await errorOf(folder)).problems).toEqual([
      { where: "c", what: "is a label folder without files" },
      { where: "d/inner", what: expect.stringContaining("is a folder inside a label folder") },
    ]);
  });
});

describe("paths of images", () => {
  it("may have backslashes", async () => {
    const folder = await writeFiles({
      ...images("img/a/1.jpg", "img/a/2.jpg", "img/b/1.jpg", "back\\slash.jpg"),
      "d.csv":
        "path,label\r\nimg\\a\\1.jpg,a\r\nimg\\a\\2.jpg,a\r\nback\\slash.jpg,b\r\nimg/b/1.jpg,b\r\n",
    });
    expect(await read(join(folder, "d.csv"))).toEqual({
      train: ["d.csv:2 a", "d.csv:3 a", "d.csv:4 b", "d.csv:5 b"],
      warnings: ["d.csv:2 and 1 more: has backslashes in the path of its image, read as slashes."],
    });
  });

  it("are looked up in another folder that is named", async () => {
    const folder = await writeFiles({
      ...images("img/1.jpg", "img/2.jpg", "img/3.png", "img/4.bmp"),
      "lists/d.csv": "name,label\n1.jpg,a\n2,a\n3,b\n4.bmp,b\n",
    });
    const path = join(folder, "lists/d.csv");
    const imageFolder = join(folder, "img");
    // The name of a file does not tell: this bitmap is a JPEG.
    expect(await read(path, { imageFolder })).toEqual({
      train: ["d.csv:2 a", "d.csv:3 a", "d.csv:4 b", "d.csv:5 b"],
      warnings: [],
    });
    expect((await errorOf(path)).message).toContain("no text or image column was found");
    const given: NamedInput[] = [];
    for await (const input of readInputs([path], { modality: "image", imageFolder }))
      given.push(input);
    expect(given.map(({ source }) => source.slice(dirname(path).length + 1))).toEqual([
      "d.csv:2",
      "d.csv:3",
      "d.csv:4",
      "d.csv:5",
    ]);
  });
});

it("the message for folders without images says what is in them", async () => {
  const folder = await writeFiles({ "a/1.tga": "x", "a/2.TGA": "x", "b/3": "x", "b/4.webm": "x" });
  expect((await errorOf(folder)).message).toContain(
    "holds no labelled data (found a/, b/; no folder in it holds images or .txt files directly, " +
      "but .tga, no extension, .webm)",
  );
});
