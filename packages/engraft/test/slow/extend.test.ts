import { once } from "node:events";
import { cp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { UsageError } from "@engraft/core";
import { type ExtendOptions, loadTask, type Task, train } from "engraft";
import { describe, expect, it } from "vitest";
import {
  drawImage,
  engraft,
  engraftHere,
  finished,
  mails,
  start,
  toCsv,
  writeFiles,
  writeImages,
  writeMails,
} from "../support.js";

const config = { views: "last" } as const;

/** Files that are there besides `mails.csv` and the task of it. */
async function writeTask(more: Readonly<Record<string, string>>) {
  const folder = await writeMails();
  for (const [name, content] of Object.entries(more)) await writeFile(join(folder, name), content);
  const task = join(folder, "mails.engraft");
  await (await train(join(folder, "mails.csv"), { output: task, ...config })).close();
  return { folder, task };
}

const tickets = toCsv([
  ["the login page shows an error", "ticket"],
  ["my password does not work any more", "ticket"],
  ["error 500 when I log in", "ticket"],
  ["claim your free cash prize today", "spam"],
]);

/** Extends the task at a path, in its place. */
async function extend(path: string, data: string, options: ExtendOptions = {}): Promise<Task> {
  const task = await loadTask(path);
  return task.extend(data, { output: path, ...options });
}

describe("extend", () => {
  it("adds examples and a class, and replaces the task", async () => {
    const { folder, task } = await writeTask({ "more.csv": tickets });
    const { manifest, extension } = await extend(task, join(folder, "more.csv"));
    expect(extension).toMatchObject({ added: 4, newLabels: ["ticket"], searched: "unknown" });
    expect(extension!.before.labels).toEqual(["ham", "spam"]);
    const loaded = await loadTask(task);
    expect(loaded.manifest).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(loaded.manifest.labels).toEqual(["ham", "spam", "ticket"]);
    const [answer] = await loaded.predict(["I cannot log in, the page shows an error"]);
    expect(answer!.label).toBe("ticket");
    await loaded.close();
  });

  it("finds old images again, moved as well, when the cache has lost their layers", async () => {
    const photos = await writeImages();
    const task = join(photos, "..", "photos.engraft");
    await (await train(photos, { output: task, ...config })).close();
    const more = await writeFiles({ "横/neu.jpg": await drawImage("lie", 77) });

    const elsewhere = join(photos, "..", "elsewhere");
    await rename(photos, elsewhere);
    const lost = extend(task, more, { cache: false });
    await expect(lost).rejects.toThrow(/12 images(.|\n)*Say where they are(.|\n)*Bild ü 0\.jpg/);

    await rename(join(elsewhere, "stehend/Bild ü 0.jpg"), join(elsewhere, "anders.jpg"));
    const extended = await extend(task, more, { cache: false, oldData: [elsewhere] });
    expect(extended.manifest.dataset.examples).toBe(13);
  });

  it("leaves a task alone that cannot be extended", async () => {
    const folder = await writeMails();
    const data = join(folder, "mails.csv");
    const task = join(folder, "forgetful.engraft");
    await (await train(data, { output: task, ...config, keepExamples: false })).close();
    await expect(extend(task, data)).rejects.toThrow(/keeps no examples.*keepExamples/);
    await expect(extend(task, join(folder, "none.csv"))).rejects.toThrow(UsageError);
    await expect(extend(folder, data)).rejects.toThrow(/not a task folder/);
  });

  it("refuses images for a task on texts", async () => {
    const { task } = await writeTask({});
    await expect(extend(task, await writeImages())).rejects.toThrow(/reads texts.*images/);
  });
});

describe("engraft extend", () => {
  it("prints what changed, before and after", async () => {
    const changed = toCsv([["dinner at eight with my parents", "spam"], mails[0]!]);
    const { folder, task } = await writeTask({ "more.csv": tickets, "changed.csv": changed });
    const before = await readFile(join(task, "task.json"), "utf8");
    const next = join(folder, "next.engraft");
    const json = await engraft(["extend", task, join(folder, "more.csv"), "-o", next, "--json"]);
    expect(json).toMatchObject({ code: 0, stderr: expect.stringMatching(/^$/) });
    expect(JSON.parse(json.stdout)).toMatchObject({
      task: next,
      added: 4,
      repeated: 0,
      relabelled: [],
      newLabels: ["ticket"],
      searched: "unknown",
      examples: 28,
      before: { n: 24 },
      after: { n: 28 },
    });
    expect(await readFile(join(task, "task.json"), "utf8")).toBe(before);

    const plain = await engraft(["extend", next, join(folder, "changed.csv")]);
    expect(plain.code).toBe(0);
    expect(plain.stderr).toMatch(/0 examples added, now 28/);
    expect(plain.stderr).toMatch(/had 1 of the new examples already/);
    expect(plain.stdout).toMatch(/before, 28 measured +\d(.|\n)*now, 28 measured +\d/);
    expect(plain.stdout).toMatch(/relabelled +was +now\nmails\.csv:25 +ham +spam/);
    expect(plain.stdout).toMatch(/Wrote .*next\.engraft/);
  });

  it("stops at bad rows, and goes on without them on request", async () => {
    const { folder, task } = await writeTask({ "bad.csv": "text,label\n,ham\nsee you soon,ham\n" });
    const bad = join(folder, "bad.csv");
    const stopped = await engraftHere(["extend", task, bad]);
    expect(stopped).toMatchObject({ code: 3, stderr: expect.stringContaining("bad.csv:2") });
    const { code, stdout } = await engraft(["extend", task, bad, "--skip-bad", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ added: 1, skipped: [{ where: "bad.csv:2" }] });
  });

  it("has an example in its help", async () => {
    const { code, stdout } = await engraftHere(["extend", "--help"]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("extend parts.engraft more-photos/"),
    ]);
  });
});

describe("kill -9 in the middle of extend", () => {
  it("leaves the old task or the new one, whole", async () => {
    const { folder, task } = await writeTask({ "more.csv": tickets });
    const more = join(folder, "more.csv");
    const copy = async (name: string) => {
      await cp(task, join(folder, name), { recursive: true });
      return join(folder, name);
    };
    const startedAt = Date.now();
    await engraft(["extend", await copy("whole"), more]);
    const whole = Date.now() - startedAt;
    let cut = 0;
    for (const share of [0.3, 0.7, 0.9, 0.97]) {
      const target = await copy(`at ${share}`);
      const child = start(["extend", target, more]);
      const end = finished(child);
      await Promise.race([pause(share * whole), once(child, "exit")]);
      child.kill("SIGKILL");
      await end;
      const loaded = await loadTask(target);
      if (loaded.manifest.dataset.examples === 24) cut += 1;
      else expect(loaded.manifest.dataset.examples).toBe(28);
      await loaded.close();
      await rm(target, { recursive: true });
    }
    expect(cut).toBeGreaterThan(0);
    const visible = (await readdir(folder)).filter((name) => !name.startsWith("."));
    expect(visible.toSorted()).toEqual(["mails.csv", "mails.engraft", "more.csv", "whole"]);
  });
});
