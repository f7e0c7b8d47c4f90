import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawImage, errorOf, rowsOf, writeFiles } from "./data-support.js";
import { readDataset } from "./flat-reading.js";

const image = await drawImage();
const CSV = "text,label\na,x\nb,x\nc,y\nd,y\n";

describe("label folders", () => {
  it("reads images in the order of their sorted paths, undecoded", async () => {
    const folder = await writeFiles({
      "bees/2.jpg": image,
      "ants/b.PNG": await drawImage(5, 5, "png"),
      "bees/10.jpeg": image,
      "ants/é.jpg": image,
      "Wespen/日本.jpg": image,
      "Wespen/\u{1f41d}.jpg": image,
    });
    const data = await readDataset(folder);
    expect(data.modality).toBe("image");
    expect(data.labels).toEqual(["Wespen", "ants", "bees"]);
    expect(rowsOf(data)).toEqual([
      ["Wespen/日本.jpg", "Wespen"],
      ["Wespen/\u{1f41d}.jpg", "Wespen"],
      ["ants/b.PNG", "ants"],
      ["ants/é.jpg", "ants"],
      ["bees/10.jpeg", "bees"],
      ["bees/2.jpg", "bees"],
    ]);
    const first = data.splits.train[0]?.input;
    expect(first?.kind === "image" && Buffer.from(await first.read()).equals(image)).toBe(true);
  });

  it("reads texts", async () => {
    const folder = await writeFiles({
      "ham/1.txt": "see you\n",
      "ham/2.txt": Buffer.from("\ufeffbis später", "utf16le"),
      "spam/1.txt": "win",
      "spam/2.txt": "now",
    });
    const data = await readDataset(folder);
    expect(data.modality).toBe("text");
    expect(rowsOf(data).slice(0, 2)).toEqual([
      ["ham/1.txt", "ham", "see you\n"],
      ["ham/2.txt", "ham", "bis später"],
    ]);
  });

  it("passes over what systems and people leave beside data", async () => {
    const clutter = ["Thumbs.db", ".DS_Store", "desktop.ini", "README.md", "LICENSE"];
    const files = Object.fromEntries(
      clutter.flatMap((name) => [
        [name, "x"],
        [`ants/${name}`, "x"],
      ]),
    );
    const folder = await writeFiles({
      ...files,
      "classes.json": "[]",
      ".git/x/y": "",
      "ants/1.jpg": image,
      "ants/2.jpg": image,
      "bees/1.jpg": image,
      "bees/2.jpg": image,
    });
    expect((await readDataset(folder)).splits.train).toHaveLength(4);
  });

  it("accepts labels that are names of Object.prototype, and labels that sound like splits", async () => {
    const labels = ["__proto__", "constructor", "invalid", "valid"];
    const files = labels.flatMap((label) => [1, 2].map((i) => [`${label}/${i}.jpg`, image]));
    const data = await readDataset(await writeFiles(Object.fromEntries(files)));
    expect(data.labels).toEqual(labels);
  });

  it("follows links to folders and files, and stops at loops", async () => {
    const elsewhere = await writeFiles({ "1.jpg": image, "2.jpg": image });
    const folder = await writeFiles({ "ants/1.jpg": image, "ants/2.jpg": image });
    await symlink(elsewhere, join(folder, "bees"));
    expect((await readDataset(folder)).labels).toEqual(["ants", "bees"]);
    await symlink("..", join(folder, "ants/up"));
    await symlink("loop.jpg", join(folder, "ants/loop.jpg"));
    await symlink("gone", join(folder, "ants/broken.jpg"));
    expect((await errorOf(folder)).problems.map(({ where, what }) => [where, what])).toEqual([
      ["ants/broken.jpg", "does not exist"],
      ["ants/loop.jpg", expect.stringContaining("loop")],
      ["ants/up", expect.stringContaining("is a folder inside a label folder")],
    ]);
  });
});

describe("splits", () => {
  it.each([
    ["train", "val", "test"],
    ["Training", "validation", "testing"],
    ["train", "dev", "TEST"],
    ["train", "valid", "test"],
  ])("reads the folders %s, %s and %s", async (train, val, test) => {
    const files: Record<string, Uint8Array> = {};
    for (const split of [train, val, test]) {
      for (const label of ["a", "b"]) {
        files[`${split}/${label}/1.jpg`] = image;
        files[`${split}/${label}/2.jpg`] = image;
      }
    }
    const data = await readDataset(await writeFiles(files));
    expect(Object.keys(data.splits)).toEqual(["train", "val", "test"]);
    expect(data.splits.val?.[3]?.source).toBe(`${val}/b/2.jpg`);
  });

  it("reads data files named for a split, beside anything else", async () => {
    const folder = await writeFiles({
      "train.csv": CSV,
      "test.jsonl": '{"text": "e", "label": "x"}\n',
      "categories.json": "[]",
      "notes/x.txt": "",
    });
    const data = await readDataset(folder);
    expect(data.splits.train).toHaveLength(4);
    expect(rowsOf(data, "test")).toEqual([["test.jsonl:1", "x", "e"]]);
  });

  it("reads a data file or a metadata file inside the folder of a split", async () => {
    const folder = await writeFiles({
      "train/metadata.csv": "file_name,label\n1.jpg,a\n1.jpg,a\n1.jpg,b\n1.jpg,b\n",
      "train/1.jpg": image,
      "val/any.csv": "image,label\n../train/1.jpg,a\n",
    });
    const data = await readDataset(folder);
    expect(data.splits.train[0]?.source).toBe("train/metadata.csv:2");
    expect(rowsOf(data, "val")).toEqual([["val/any.csv:2", "a"]]);
  });

  it("reads what has no training data only to evaluate", async () => {
    const folder = await writeFiles({ "test.csv": "text,label\na,x\n" });
    expect(rowsOf(await readDataset(folder, { purpose: "evaluate" }), "test")).toHaveLength(1);
    expect((await errorOf(folder)).message).toContain("no training data (found: test)");
  });

  it("refuses splits that are not clear", async () => {
    const mixed = await writeFiles({ "train/a/1.jpg": image, "bees/1.jpg": image });
    expect((await errorOf(mixed)).message).toContain(
      "both splits and other folders: train/, bees/",
    );
    const twice = await writeFiles({ "train/a/1.jpg": image, "train.csv": CSV });
    expect((await errorOf(twice)).message).toContain(
      "several sources for the split train: train.csv, train/",
    );
    const kinds = await writeFiles({ "train.csv": CSV, "val/x/1.jpg": image });
    expect((await errorOf(kinds)).message).toContain("mixes texts and images");
  });
});

describe("metadata files and columns of image paths", () => {
  it.each([
    ["metadata.csv", "file_name,label\na/1.jpg,x\na/2.jpg,x\n3.jpg,y\n4.jpg,y\n"],
    [
      "metadata.jsonl",
      ["a/1.jpg", "a/2.jpg", "3.jpg", "4.jpg"]
        .map((name, i) => JSON.stringify({ file_name: name, label: i < 2 ? "x" : "y" }))
        .join("\n"),
    ],
  ])("reads %s and reports images that it does not list", async (name, content) => {
    const folder = await writeFiles({
      [name]: content,
      "a/1.jpg": image,
      "a/2.jpg": image,
      "3.jpg": image,
      "4.jpg": image,
    });
    const data = await readDataset(folder);
    expect(data.modality).toBe("image");
    expect(data.splits.train.map(({ target }) => target.label)).toEqual(["x", "x", "y", "y"]);
    await cp(join(folder, "3.jpg"), join(folder, "a/5.jpg"));
    expect((await errorOf(folder)).problems).toEqual([
      { where: "a/5.jpg", what: `is not listed in ${name}` },
    ]);
  });

  it("reads a column of paths relative to the data file", async () => {
    const folder = await writeFiles({
      "lists/parts.csv":
        "id,photo,class\n1,../p/1.jpg,ok\n2,../p/1.jpg,ok\n3,../p/2.jpg,no\n4,../p/2.jpg,no\n",
      "p/1.jpg": image,
      "p/2.jpg": image,
    });
    const data = await readDataset(join(folder, "lists/parts.csv"));
    expect([data.modality, data.splits.train.length]).toEqual(["image", 4]);
  });
});

describe("folders that cannot be used", () => {
  it("says what was found and what is understood", async () => {
    const empty = await writeFiles({});
    const error = await errorOf(empty);
    expect([error.code, error.message]).toEqual([
      "data/empty",
      expect.stringMatching(/is empty\.\nEngraft understands:\n\s+<label>/),
    ]);
    const deep = await writeFiles({ "a/b/c/1.jpg": image, "d/e/f/2.jpg": image });
    await mkdir(join(deep, "g"));
    expect((await errorOf(deep)).message).toContain(
      "found a/, d/, g/; no folder in it holds images or .txt files directly",
    );
    const several = await writeFiles({ "a.csv": CSV, "b.csv": CSV });
    expect((await errorOf(several)).message).toContain("several data files: a.csv, b.csv");
    const both = await writeFiles({ "labels.csv": CSV, "images/1.jpg": image });
    expect((await errorOf(both)).message).toContain(
      "both label folders and a data file (labels.csv)",
    );
    const twice = await writeFiles({ "metadata.csv": CSV, "metadata.jsonl": "" });
    expect((await errorOf(twice)).message).toContain("metadata.csv, metadata.jsonl");
  });

  it("reads the only data file of a folder", async () => {
    const data = await readDataset(await writeFiles({ "mails.csv": CSV }));
    expect(data.splits.train[0]?.source).toBe("mails.csv:2");
  });
});
