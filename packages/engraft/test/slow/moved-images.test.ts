import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { extend, readDataset, report, reviewLabels, suggest, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { cache, drawImage, writeFiles, writeImages } from "../support.js";

describe("images and a task that have moved together", () => {
  let task: string;

  beforeAll(async () => {
    const photos = await writeImages();
    const before = await writeFiles({});
    const trained = await train(photos, {
      output: join(before, "sorted by hand"),
      config: { views: "last" },
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
    expect((await report(task, { cache: false })).missing).toEqual([]);
  });

  it("are found by extend, and remembered again", async () => {
    const more = await writeFiles({
      "stehend/neu 1.jpg": await drawImage("stand", 91),
      "stehend/neu 2.jpg": await drawImage("stand", 92),
    });
    const output = join(dirname(dirname(task)), "next.engraft");
    const { added, task: extended } = await extend(task, more, { output, cache: false });
    expect(added).toBe(2);
    const { location } = extended.manifest.dataset;
    expect(join(output, location!)).toBe(join(task, `../../${location!.split("/").at(-1)}`));
    await extended.close();
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
    await (await train(list, { output: from, config, columns: { imageFolder } })).close();
  });

  it("are found by report without the feature cache", async () => {
    await rm(cache, { recursive: true, force: true });
    expect((await report(from, { cache: false })).missing).toEqual([]);
  });

  it("are found by relabel and suggest, which say so", async () => {
    const heard: string[] = [];
    const onWarning = (message: string) => heard.push(message);
    const { examples } = await reviewLabels(list, { from, onWarning });
    expect(examples).toBeGreaterThan(0);
    expect(heard.join()).toContain("where the task had its images");
    heard.length = 0;
    expect(await suggest([list], { from, count: 2, onWarning })).toHaveLength(2);
    expect(heard.join()).toContain("where the task had its images");
  });

  it("are not looked for elsewhere where their folder is named", async () => {
    const columns = { imageFolder: dirname(list) };
    await expect(reviewLabels(list, { from, columns })).rejects.toThrow(/does not exist/);
  });
});
