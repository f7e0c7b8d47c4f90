import { join } from "node:path";
import { DataError, type DataProblem } from "@engraft/core";
import { describe, expect, it } from "vitest";
import { drawImage, writeFiles, writeOne } from "./data-support.js";
import { type InputOptions, readInputs } from "./flat-reading.js";

const image = await drawImage();

type Given = Parameters<typeof readInputs>[0];

/** What is read, as `[source, text]`, with "image" for images. */
async function read(given: Given, options: InputOptions): Promise<string[][]> {
  const found: string[][] = [];
  for await (const { source, input } of readInputs(given, options)) {
    found.push([source, input.kind === "text" ? input.text : "image"]);
  }
  return found;
}

async function* bytes(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

describe("arguments of a text task", () => {
  it("are texts, unless they are files", async () => {
    const folder = await writeFiles({
      "m.csv": "id,message\n1,one\n2,two\n",
      "n.jsonl": '{"text": "three", "label": "x"}\n',
      "notes/a.txt": "four",
      "notes/b.txt": "five",
    });
    const given = ["win now", "hello", join(folder, "m.csv"), join(folder, "n.jsonl")];
    given.push(
      join(folder, "notes"),
      join(folder, "notes/a.txt"),
      "see photo.jpg",
      "x".repeat(9000),
    );
    expect(await read(given, { modality: "text" })).toEqual([
      ["argument 1", "win now"],
      ["argument 2", "hello"],
      [`${folder}/m.csv:2`, "one"],
      [`${folder}/m.csv:3`, "two"],
      [`${folder}/n.jsonl:1`, "three"],
      [`${folder}/notes/a.txt`, "four"],
      [`${folder}/notes/b.txt`, "five"],
      [`${folder}/notes/a.txt`, "four"],
      ["argument 7", "see photo.jpg"],
      ["argument 8", "x".repeat(9000)],
    ]);
  });

  it("use the column that is named", async () => {
    const path = await writeOne("m.csv", "text,subject\nno,yes\n");
    expect(await read([path], { modality: "text", text: "subject" })).toEqual([
      [`${path}:2`, "yes"],
    ]);
  });

  it.each([
    ["gone.csv", "does not exist"],
    ["gone.txt", "does not exist"],
    [" ", "is empty"],
  ])("refuse %j", async (argument, message) => {
    await expect(read([argument], { modality: "text" })).rejects.toThrow(message);
  });
});

describe("arguments of an image task", () => {
  it("are images, folders of images and data files", async () => {
    const folder = await writeFiles({
      "1.jpg": image,
      "new/2.jpg": image,
      "new/3.jpg": image,
      "list.csv": "path,text\nnew/2.jpg,x\n",
    });
    const given = ["1.jpg", "new", "list.csv"].map((name) => join(folder, name));
    expect(await read(given, { modality: "image" })).toEqual([
      [`${folder}/1.jpg`, "image"],
      [`${folder}/new/2.jpg`, "image"],
      [`${folder}/new/3.jpg`, "image"],
      [`${folder}/list.csv:2`, "image"],
    ]);
  });

  it("stop at the first that is bad, or pass the bad ones on", async () => {
    const folder = await writeFiles({ "1.jpg": image, "2.jpg": "", "3.txt": "x" });
    const given = ["gone.jpg", join(folder, "2.jpg"), join(folder, "3.txt"), join(folder, "1.jpg")];
    const failed = read(given, { modality: "image" });
    await expect(failed).rejects.toThrow(DataError);
    await expect(failed).rejects.toThrow("gone.jpg: does not exist");
    const skipped: DataProblem[] = [];
    const onSkip = (problem: DataProblem) => skipped.push(problem);
    expect(await read(given, { modality: "image", onSkip })).toHaveLength(1);
    expect(skipped.map(({ what }) => what)).toEqual([
      "does not exist",
      "is an empty file",
      expect.stringContaining("is not an image by its extension"),
    ]);
  });
});

describe("inputs of which nothing is known", () => {
  it("are what they look like", async () => {
    const folder = await writeFiles({
      "1.jpg": image,
      "photos/2.jpg": image,
      "photos/3.png": image,
      "notes/a.txt": "a",
      "list.csv": "path\nphotos/2.jpg\n",
      "m.csv": "message\none\n",
    });
    const given = ["1.jpg", "photos", "notes", "notes/a.txt", "list.csv", "m.csv"];
    const found = await read([...given.map((name) => join(folder, name)), "win now"], {});
    expect(found.map(([, text]) => text)).toEqual([
      ...["image", "image", "image", "a", "a", "image", "one", "win now"],
    ]);
    await expect(read(["gone.jpg"], {})).rejects.toThrow("gone.jpg: does not exist");
    expect(await read(bytes(`one\n${folder}/1.jpg\n`), {})).toEqual([
      ["stdin:1", "one"],
      [`${folder}/1.jpg`, "image"],
    ]);
  });
});

describe("labels of inputs", () => {
  async function labels(given: Given, options: InputOptions): Promise<(string | undefined)[]> {
    const found: (string | undefined)[] = [];
    for await (const { label } of readInputs(given, options)) found.push(label);
    return found;
  }

  it("are read where they are asked for and there are some", async () => {
    const file = await writeOne("m.csv", "text,topic\none, spam \ntwo,\nthree,ham\n");
    const none = await writeOne("n.csv", "text\none\n");
    expect(await labels([file], { labels: true })).toEqual(["spam", undefined, "ham"]);
    expect(await labels([file], {})).toEqual([undefined, undefined, undefined]);
    expect(await labels([none], { labels: true })).toEqual([undefined]);
    await expect(labels([none], { labels: true, label: "kind" })).rejects.toThrow(
      'there is no column "kind"',
    );
    const two = await writeOne("t.csv", "text,label,topic\none,a,b\n");
    await expect(labels([two], { labels: true })).rejects.toThrow(
      "several columns could be the label column",
    );
    expect(await labels([two], { labels: true, label: "topic" })).toEqual(["b"]);
  });

  it("are the names of folders in a folder", async () => {
    const folder = await writeFiles({ "1.jpg": image, "ants/2.jpg": image, "bees/3.jpg": image });
    expect(await labels([folder], { labels: true })).toEqual([undefined, "ants", "bees"]);
    expect(await labels([folder], { modality: "image" })).toEqual([undefined]);
  });

  it("are refused where they are none", async () => {
    const file = await writeOne("m.jsonl", '{"text": "a", "label": ["x"]}\n');
    await expect(labels([file], { labels: true })).rejects.toThrow("the label is a list");
  });
});

describe("lines of standard input", () => {
  it("are texts, whatever pieces they come in", async () => {
    const given = bytes("\ufeffone\nt", "w", "o\r", "\n\n  \nm.csv\nfour");
    expect(await read(given, { modality: "text" })).toEqual([
      ["stdin:1", "one"],
      ["stdin:2", "two"],
      ["stdin:5", "m.csv"],
      ["stdin:6", "four"],
    ]);
  });

  it("are given on as soon as they are complete", async () => {
    let askedForMore = false;
    async function* typing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("first\n");
      askedForMore = true;
      yield Buffer.from("second\n");
    }
    const inputs = readInputs(typing(), { modality: "text" });
    expect((await inputs.next()).value?.source).toBe("stdin:1");
    expect(askedForMore).toBe(false);
    expect((await inputs.next()).value?.source).toBe("stdin:2");
  });

  it("are paths for an image task", async () => {
    const path = await writeOne("1.jpg", image);
    expect(await read(bytes(`${path}\n`), { modality: "image" })).toEqual([[path, "image"]]);
  });

  it("are refused when too long, and reading goes on", async () => {
    const skipped: DataProblem[] = [];
    const options = {
      modality: "text" as const,
      maxTextBytes: 10,
      onSkip: (problem: DataProblem) => skipped.push(problem),
    };
    const given = bytes("ok\n", ...Array(40).fill("long "), "\nok\n", "ééééééééé\n");
    expect(await read(given, options)).toEqual([
      ["stdin:1", "ok"],
      ["stdin:3", "ok"],
    ]);
    expect(skipped.map(({ where }) => where)).toEqual(["stdin:2", "stdin:4"]);
  });

  it("stop when told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(read(bytes("a\n"), { modality: "text", signal })).rejects.toThrow("enough");
  });
});
