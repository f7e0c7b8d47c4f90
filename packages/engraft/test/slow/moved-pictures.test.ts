import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { extend, report, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { cache, picture, writeFiles, writePictures } from "../support.js";

describe("pictures and a task that have moved together", () => {
  let task: string;

  beforeAll(async () => {
    const photos = await writePictures();
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
      "stehend/neu 1.jpg": await picture("stand", 91),
      "stehend/neu 2.jpg": await picture("stand", 92),
    });
    const output = join(dirname(dirname(task)), "next.engraft");
    const { added, task: extended } = await extend(task, more, { output, cache: false });
    expect(added).toBe(2);
    const { location } = extended.manifest.dataset;
    expect(join(output, location!)).toBe(join(task, `../../${location!.split("/").at(-1)}`));
    await extended.close();
  });
});
