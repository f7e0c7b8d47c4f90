import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { loadTask, readDataset, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { cache, drawImage, writeFiles, writeImages } from "../support.js";

describe("images and a task that have moved together", () => {
  let task: string;

  beforeAll(async () => {
    const photos = await writeImages();
    const before = await writeFiles({});
    const trained = await train(photos, {
      output: join(before, "sorted by hand"),
      views: "last",
    });
    await trained.close();
    expect(trained.manifest.dataset.location).toBe(`../../${basename(photos)}`);
    const after = join(await writeFiles({}), "elsewhere");
    await mkdir(join(after, "tasks"), { recursive: true });
    await rename(photos, join(after, basename(photos)));
    task = join(after, "tasks", "sorted by hand");
    await rename(join(before, "sorted by hand"), task);
    await rm(cache, { recursive: true, force: true });
  });

  it("are found by report", async () => {
    expect((await (await loadTask(task)).report({ cache: false })).missing).toEqual([]);
  });

  it("are found by extend, and remembered again", async () => {
    const more = await writeFiles({
      "stehend/neu 1.jpg": await drawImage("stand", 91),
      "stehend/neu 2.jpg": await drawImage("stand", 92),
    });
    const output = join(dirname(dirname(task)), "next.engraft");
    const loaded = await loadTask(task);
    const { extension, manifest } = await loaded.extend(more, { output, cache: false });
    expect(extension!.added).toBe(2);
    const { location } = manifest.dataset;
    expect(join(output, location!)).toBe(join(task, `../../${location!.split("/").at(-1)}`));
  });
});

describe("a list of images that are in another folder", () => {
  let list: string;
  let from: string;

  beforeAll(async () => {
    const imageFolder = await writeImages();
    const { splits } = await readDataset(imageFolder);
    const rows = splits.train.map(({ source, target }) => `${source},${target.label}`);
    list = join(
      await writeFiles({ "labels.csv": ["path,label", ...rows].join("\n") }),
      "labels.csv",
    );
    from = join(await writeFiles({}), "listed.engraft");
    const config = { views: "last" } as const;
    await (await train(list, { output: from, ...config, imageFolder })).close();
  });

  it("are found by report without the feature cache", async () => {
    await rm(cache, { recursive: true, force: true });
    expect((await (await loadTask(from)).report({ cache: false })).missing).toEqual([]);
  });

  it("are found by relabel and suggest, which say so", async () => {
    const heard: string[] = [];
    const onWarning = (message: string) => heard.push(message);
    const task = await loadTask(from);
    const { examples } = await task.findLabelErrors(list, { onWarning });
    expect(examples).toBeGreaterThan(0);
    expect(heard.join()).toContain("where the task had its images");
    heard.length = 0;
    // The task has learned from all of them.
    const suggested = task.suggest(list, { count: 2, onWarning });
    await expect(suggested).rejects.toThrow(
      /All 12 inputs .* copies of examples that the task was/,
    );
    expect(heard.join()).toContain("where the task had its images");
  });

  it("are not looked for elsewhere where their folder is named", async () => {
    const task = await loadTask(from);
    const looking = task.findLabelErrors(list, { imageFolder: dirname(list) });
    await expect(looking).rejects.toThrow(/does not exist/);
  });
});
