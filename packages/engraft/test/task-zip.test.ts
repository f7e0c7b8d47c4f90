import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packFiles, readStoredTask } from "@engraft/tasks/internal";
import { inspect, loadTask, TaskChangedError, train } from "engraft";
import { loadTask as loadToPredict } from "engraft/predict";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../src/host/sha256.js";
import { nodeTasks } from "../src/host/tasks/node-tasks.js";
import { fingerprint, readFolder } from "../src/serving/tasks/read-folder.js";
import { engraftHere, mails, writeMails } from "./support.js";

describe("a task in one file", () => {
  let folder: string;
  let path: string;

  beforeAll(async () => {
    folder = await writeMails();
    path = join(folder, "mails.engraft.zip");
    await (await train(mails, { seed: 1, output: path })).close();
  });

  it("predicts as the task in memory and as its folder", async () => {
    const asked = ["free cash prize, click now", "the report of the meeting"];
    const task = await loadTask(path);
    const answers = await task.predict(asked);
    await task.save(join(folder, "same.engraft"));
    await task.close();
    const ways: readonly (typeof loadToPredict)[] = [loadTask, loadToPredict];
    for (const load of ways) {
      for (const name of ["same.engraft", "mails.engraft.zip"]) {
        const other = await load(join(folder, name));
        expect(await other.predict(asked)).toEqual(answers);
        await other.close();
      }
    }
  });

  it("remembers its examples, and is extended in its place", async () => {
    const task = await loadTask(path);
    const next = await task.extend([["free pills, free prize", "spam"]], { output: path });
    expect(next.manifest.dataset.examples).toBe(mails.length + 1);
    await Promise.all([task.close(), next.close()]);
    expect((await loadTask(path)).manifest.dataset.examples).toBe(mails.length + 1);
  });

  it("is kept beside one that another process has written meanwhile", async () => {
    const place = join(folder, "shared.engraft.zip");
    const task = await loadTask(path);
    await task.save(place);
    const { manifest, files } = await readStoredTask(place, { tasks: nodeTasks, sha256 });
    const [one, other] = [await nodeTasks.prepare(place), await nodeTasks.prepare(place)];
    await one.write(packFiles({ files, manifest: { ...manifest, seconds: 1 } }));
    const late = other.write(packFiles({ files, manifest: { ...manifest, seconds: 2 } }));
    await expect(late).rejects.toThrow(TaskChangedError);
    const kept = await loadTask(join(folder, "shared-2.engraft.zip"));
    expect([(await loadTask(place)).manifest.seconds, kept.manifest.seconds]).toEqual([1, 2]);
    await Promise.all([task.close(), kept.close()]);
  });

  it("takes the place of no other file", async () => {
    const place = join(folder, "photos.zip");
    await writeFile(place, "photos of last summer");
    const task = await loadTask(path);
    await expect(task.save(place)).rejects.toThrow(/is not a task that Engraft wrote/);
    expect(await readFile(place, "utf8")).toBe("photos of last summer");
    await expect(loadTask(place)).rejects.toThrow(/not a task in one file: it is no ZIP archive/);
    await task.close();
  });

  it("is told from a damaged one", async () => {
    const bytes = await readFile(path);
    const at = bytes.indexOf("head.onnx") + 200;
    bytes[at] = bytes[at]! ^ 1;
    const damaged = join(folder, "damaged.engraft.zip");
    await writeFile(damaged, bytes);
    await expect(loadTask(damaged)).rejects.toThrow(/cannot be trusted/);
  });

  it("is what commands take", async () => {
    const { code, stdout } = await engraftHere(["predict", path, "free cash prize", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ label: "spam" });
    expect((await inspect(path)).title).toBe(`Task ${path}`);
  });

  it("is served under its name, and known to have changed", async () => {
    const { name, fingerprint: before } = await readFolder(path);
    expect(name).toBe("mails");
    expect(await fingerprint(path)).toBe(before);
    await writeFile(path, await readFile(path));
    expect(await fingerprint(path)).not.toBe(before);
    expect(await fingerprint(join(dirname(path), "gone.zip"))).toBeUndefined();
  });
});
