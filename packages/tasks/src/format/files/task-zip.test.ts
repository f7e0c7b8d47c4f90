import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { UnreadableFile } from "../../storage-errors.js";
import { isTaskZip, openTaskZip, packTaskZip, taskNameOf } from "./task-zip.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const files = new Map([
  ["head.onnx", Uint8Array.from({ length: 3000 }, (_, index) => index % 251)],
  ["task.json", text('{"kind":"engraft-task"}')],
]);

describe("a task in one file", () => {
  it("has the same files, stored as they are, and the same bytes each time", () => {
    const zip = packTaskZip(files);
    expect(packTaskZip(new Map(files))).toEqual(zip);
    expect(zip.length).toBeGreaterThan(3000);
    const opened = openTaskZip(zip);
    for (const [name, bytes] of files) expect(opened.read(name, bytes.length)).toEqual(bytes);
  });

  it("is read where another program packed the folder itself", () => {
    const zip = zipSync({
      "mails.engraft/task.json": files.get("task.json")!,
      "mails.engraft/head.onnx": [files.get("head.onnx")!, { level: 9 }],
      "__MACOSX/task.json": text("resource"),
      "mails.engraft/.DS_Store": text("resource"),
    });
    const opened = openTaskZip(zip);
    expect(opened.read("head.onnx", 3000)).toEqual(files.get("head.onnx"));
    expect(opened.read("task.json", 100)).toEqual(files.get("task.json"));
  });

  it.each([
    ["no archive", text("this is a letter"), /no ZIP archive/],
    ["half an archive", packTaskZip(files).subarray(0, 2000), /no ZIP archive/],
    ["no task", zipSync({ "a.txt": text("a") }), /no task\.json/],
    ["a task too deep", zipSync({ "a/b/task.json": text("{}") }), /no task\.json/],
    [
      "two tasks",
      zipSync({ "a/task.json": text("{}"), "b/task.json": text("{}") }),
      /several tasks/,
    ],
    [
      "many files",
      zipSync(
        Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`${index}`, text("")])),
      ),
      /more than 1000 files/,
    ],
  ])("is refused where there is %s", (_, bytes, message) => {
    expect(() => openTaskZip(bytes)).toThrow(UnreadableFile);
    expect(() => openTaskZip(bytes)).toThrow(message);
  });

  it("unpacks no file that is missing, or larger than the task says", () => {
    const bomb = zipSync({
      "task.json": text("{}"),
      "head.onnx": [new Uint8Array(10_000_000), { level: 9 }],
    });
    expect(bomb.length).toBeLessThan(20_000);
    const opened = openTaskZip(bomb);
    expect(() => opened.read("head.onnx", 5000)).toThrow(/it has 10000000 bytes/);
    expect(() => opened.read("words.json", 5000)).toThrow(/it is missing/);
  });

  it("is known by its name", () => {
    expect(["mails.engraft.zip", "MAILS.ZIP", "mails.engraft"].map(isTaskZip)).toEqual([
      true,
      true,
      false,
    ]);
    expect(["mails.engraft.zip", "mails.engraft", "mails.zip"].map(taskNameOf)).toEqual([
      "mails",
      "mails",
      "mails",
    ]);
  });
});
