import { spawnSync } from "node:child_process";
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import {
  OutputError,
  packFiles,
  readStoredTask,
  TaskChangedError,
  type TaskFiles,
} from "@engraft/tasks/internal";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadTask, train, UsageError } from "../../dist/index.js";
import { requireWritable, writeAtomically } from "../../src/host/files/durable.js";
import { temporaryName, writerId } from "../../src/host/files/temporary.js";
import { sha256 } from "../../src/host/sha256.js";
import { taskFolders } from "../../src/host/tasks/task-folders.js";
import { engraftHere, writeFiles, writeMails } from "../support.js";

let data: string;
let original: string;
let task: TaskFiles;
/** The same with another date: another task in the eyes of who writes it. */
let other: TaskFiles;

let folder: string;
let path: string;

beforeAll(async () => {
  const mails = await writeMails();
  data = join(mails, "mails.csv");
  original = join(mails, "mails.engraft");
  await (await train(data, { output: original, views: "last" })).close();
  task = await readTask(original);
  task = { ...task, files: new Map([...task.files, ...(await recordFiles())]) };
  other = { ...task, manifest: { ...task.manifest, createdAt: "2020-01-01T00:00:00.000Z" } };
});

async function recordFiles(): Promise<Map<string, Uint8Array>> {
  const names = ["examples.jsonl", "examples.safetensors"];
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(original, name))] as const),
    ),
  );
}

beforeEach(async () => {
  folder = await writeFiles({});
  path = join(folder, "mails.engraft");
});

const OWN = ["examples.jsonl", "examples.safetensors", "head.onnx", "task.json"];

const readTask = (place: string): Promise<TaskFiles> =>
  readStoredTask(place, { tasks: taskFolders, sha256 });

/** Names of what was in the folder beside a task. */
async function write(written: TaskFiles, to: string = path): Promise<readonly string[]> {
  const place = await taskFolders.prepare(to);
  return place.write(packFiles(written));
}

const namesIn = async (where: string): Promise<string[]> => (await readdir(where)).sort();

describe("a task takes the place of another one", () => {
  it("and of nothing else in its folder, which is named", async () => {
    await write(task);
    await mkdir(join(path, "figures"));
    await writeFile(join(path, "figures/a.png"), "figure");
    await writeFile(join(path, "notes.txt"), "notes");
    await writeFile(join(path, "report.html"), "a report on the old task");
    // Named as files of tasks can be, but not by the task that is replaced.
    await writeFile(join(path, "vocabulary.json"), "mine");
    expect([...(await write(other))].sort()).toEqual(["figures", "notes.txt", "vocabulary.json"]);
    expect(await namesIn(path)).toEqual([...OWN, "figures", "notes.txt", "vocabulary.json"].sort());
    expect(await readFile(join(path, "figures/a.png"), "utf8")).toBe("figure");
    expect((await readTask(path)).manifest.createdAt).toBe(other.manifest.createdAt);
    expect(await namesIn(folder)).toEqual(["mails.engraft"]);
  });

  it("through a symbolic link, which stays", async () => {
    const target = join(folder, "v1");
    await write(task, target);
    await symlink("v1", path);
    await write(other);
    expect(await readlink(path)).toBe("v1");
    expect((await readTask(target)).manifest.createdAt).toBe(other.manifest.createdAt);
    await rm(target, { recursive: true });
    await write(task);
    expect(await readlink(path)).toBe("v1");
    expect(await namesIn(target)).toEqual(OWN);
  });

  it.each([
    ["of something else", '{"id":"azure","kind":"extension"}'],
    ["that is no JSON", "steps:"],
    ["that is damaged", '{"kind":"engraft-task",'],
  ])("but not of a folder with a task.json %s", async (_, content) => {
    const project = await writeFiles({
      "task.json": content,
      "thesis.txt": "work",
      "src/a.ts": "code",
    });
    const { code, stderr } = await engraftHere(["train", data, "-o", project]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/exists and is not a task: its task\.json is that of something else/);
    expect(await namesIn(project)).toEqual(["src", "task.json", "thesis.txt"]);
    await expect(taskFolders.prepare(project)).rejects.toThrow(UsageError);
  });

  it("but not of what another process has put there: both are kept", async () => {
    await write(task);
    const [first, second] = await Promise.all([
      taskFolders.prepare(path),
      taskFolders.prepare(path),
    ]);
    const third = {
      ...task,
      manifest: { ...task.manifest, createdAt: "2021-01-01T00:00:00.000Z" },
    };
    await first.write(packFiles(other));
    const failure = await second.write(packFiles(third)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TaskChangedError);
    const kept = join(folder, "mails-2.engraft");
    expect(failure).toMatchObject({ code: "task/changed", path, kept });
    expect((failure as Error).message).toContain(kept);
    expect((await readTask(path)).manifest.createdAt).toBe(other.manifest.createdAt);
    expect((await readTask(kept)).manifest.createdAt).toBe(third.manifest.createdAt);
    expect(await namesIn(folder)).toEqual(["mails-2.engraft", "mails.engraft"]);
  });

  it("but not of the task of another training to the same free place", async () => {
    const places = await Promise.all([1, 2, 3].map(() => taskFolders.prepare(path)));
    const results = await Promise.allSettled(places.map((place) => place.write(packFiles(task))));
    const failed = results.filter(({ status }) => status === "rejected");
    expect(failed).toHaveLength(2);
    expect(await namesIn(folder)).toEqual(["mails-2.engraft", "mails-3.engraft", "mails.engraft"]);
  });
});

it("readers of a task that is replaced again and again see whole tasks only", async () => {
  await write(task);
  let done = false;
  const writing = (async () => {
    for (let n = 0; n < 40; n++) await write(n % 2 === 0 ? other : task);
    done = true;
  })();
  let reads = 0;
  while (!done) {
    const { manifest } = await readTask(path);
    expect([task, other].map((each) => each.manifest.createdAt)).toContain(manifest.createdAt);
    reads += 1;
  }
  await writing;
  expect(reads).toBeGreaterThan(0);
});

describe("what a killed process has left", () => {
  /** A process that has ended. */
  const dead = (): string => {
    const { pid } = spawnSync(process.execPath, ["-e", "0"]);
    return writerId().replace(/^\d+/, String(pid));
  };
  const leftover = (writer: string, suffix: string): string =>
    join(folder, `.mails.engraft.${writer}-0b2f0b2f${suffix}`);

  it("is removed by the next one that writes there", async () => {
    const temporary = leftover(dead(), ".tmp");
    await cp(original, temporary, { recursive: true });
    await rm(join(temporary, "task.json"));
    await write(task);
    expect(await namesIn(folder)).toEqual(["mails.engraft"]);
  });

  it("is not lost where it holds files of the user", async () => {
    await write(task);
    const old = leftover(dead(), ".tmp.old");
    await cp(original, old, { recursive: true });
    await writeFile(join(old, "notes.txt"), "notes");
    await write(other);
    expect(await namesIn(folder)).toEqual(["mails.engraft"]);
    expect(await namesIn(path)).toEqual([...OWN, "notes.txt"].sort());
  });

  it("is put back where it was all that there is", async () => {
    const old = leftover(dead(), ".tmp.old");
    await cp(original, old, { recursive: true });
    await writeFile(join(old, "notes.txt"), "notes");
    await expect(loadTask(path)).rejects.toThrow(`The task as it was before is in ${old}: rename`);
    expect(await write(other)).toEqual(["notes.txt"]);
    expect(await namesIn(path)).toEqual([...OWN, "notes.txt"].sort());
  });

  it("stays while its process is at work, and is not called killed", async () => {
    const old = leftover(writerId(), ".tmp.old");
    const temporary = leftover(writerId(), ".tmp");
    await cp(original, old, { recursive: true });
    await cp(original, temporary, { recursive: true });
    await expect(loadTask(path)).rejects.toThrow(/another process is replacing it at this moment/);
    await write(task);
    expect(await namesIn(old)).toEqual(OWN);
    expect(await namesIn(temporary)).toEqual(OWN);
  });

  it("on another host is removed after a day", async () => {
    const elsewhere = leftover("1-00000000", ".tmp");
    await mkdir(elsewhere);
    await write(task);
    expect((await lstat(elsewhere)).isDirectory()).toBe(true);
    const longAgo = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(elsewhere, longAgo, longAgo);
    await write(other);
    expect(await namesIn(folder)).toEqual(["mails.engraft"]);
  });

  it("as a lock is taken over", async () => {
    await writeFile(join(folder, ".mails.engraft.lock"), dead());
    await write(task);
    expect(await namesIn(folder)).toEqual(["mails.engraft"]);
  });
});

describe("a file", () => {
  it("is written through a symbolic link, which stays", async () => {
    const link = join(folder, "link");
    await symlink("real", link);
    await writeAtomically(link, Buffer.from("one"));
    await writeAtomically(link, Buffer.from("two"));
    expect(await readlink(link)).toBe("real");
    expect(await readFile(join(folder, "real"), "utf8")).toBe("two");
  });

  it("does not take the place of a folder or a device", async () => {
    await mkdir(path);
    await expect(writeAtomically(path, Buffer.from("x"))).rejects.toThrow(OutputError);
    if (process.platform === "win32") return;
    await symlink("/dev/null", join(folder, "null"));
    await expect(writeAtomically(join(folder, "null"), Buffer.from("x"))).rejects.toThrow(
      /it is there already and is not a file/,
    );
    expect((await lstat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  it("leaves nothing behind, and removes what a killed process left", async () => {
    const target = join(folder, "report.html");
    await writeFile(join(folder, temporaryName("report.html").replace(/\d+/, "999999999")), "half");
    await writeAtomically(target, Buffer.from("whole"));
    expect(await namesIn(folder)).toEqual(["report.html"]);
  });
});

/** Does something without the rights of root, who may write everywhere. */
async function asOrdinaryUser<T>(action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe("what cannot be written is refused before the work", () => {
  it.each([
    ["train", (output: string) => ["train", data, "-o", output]],
    ["extend", (output: string) => ["extend", original, data, "-o", output]],
    ["report", (output: string) => ["report", original, "-o", output]],
    ["export", (output: string) => ["export", original, "--onnx", output]],
    [
      "relabel",
      (output: string) => ["relabel", data, "--from", original, "--accept", "0.9", "-o", output],
    ],
  ])("by %s", async (_, command) => {
    await writeFile(join(folder, "file"), "");
    const output = join(folder, "file", "below");
    const { code, stdout, stderr } = await engraftHere(command(output));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: .*below cannot be written: a part of the path is a file and not a folder \(ENOTDIR\)/,
    );
    expect(await namesIn(folder)).toEqual(["file"]);
  });

  it.skipIf(process.platform === "win32")("where there is no permission", async () => {
    await chmod(folder, 0o555);
    for (const output of [path, join(folder, "new/folder/task")]) {
      const failure = await asOrdinaryUser(() =>
        requireWritable(output).catch((error: unknown) => error),
      );
      expect(failure).toBeInstanceOf(OutputError);
      expect(failure).toMatchObject({ code: "output/unwritable", reason: "EACCES" });
      expect((failure as Error).message).toMatch(/there is no permission to write there/);
    }
    await chmod(folder, 0o755);
  });

  it("and what can be written leaves no trace of the check", async () => {
    await requireWritable(join(folder, "new/folder/task"));
    expect(await namesIn(folder)).toEqual([]);
    expect(await taskFolders.state(folder)).toBeUndefined();
  });
});

describe("a file of somebody else at the place of an output stays as it is", () => {
  const mine = "text,label\nmy own rows,ham\n";

  it.each([
    ["report", (output: string) => ["report", original, "-o", output]],
    ["differentiate", (output: string) => ["differentiate", output, "--loss", "x", "-o", output]],
    [
      "relabel",
      (output: string) => ["relabel", data, "--from", original, "--accept", "0.9", "-o", output],
    ],
  ])("by %s", async (command, parameters) => {
    const output = join(folder, "mine.csv");
    // differentiate reads its model before it looks at the place.
    const bytes = command === "differentiate" ? await readFile(join(original, "head.onnx")) : mine;
    await writeFile(output, bytes);
    const { code, stderr } = await engraftHere(parameters(output));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*mine\.csv(?: exists| is)/);
    expect(await readFile(output)).toEqual(Buffer.from(bytes));
  });
});
