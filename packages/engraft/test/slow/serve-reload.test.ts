import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { cp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type OpenServer, openServer } from "../../dist/http/serve.js";
import {
  asks,
  copyTask,
  keepServer,
  predictAlone,
  trainImageTask,
  trainTextTasks,
} from "../serve-support.js";
import { mails } from "../support.js";

const texts = mails.slice(0, 4).map(([text]) => text);

let tasks: { spam: string; mood: string };

beforeAll(async () => {
  tasks = await trainTextTasks();
});

async function ask({ app }: OpenServer, name: string) {
  const response = await app.inject(asks(name, texts));
  expect(response.statusCode).toBe(200);
  return response.json().predictions;
}

/** Puts one task folder in the place of another, as training does. */
async function replace(path: string, by: string): Promise<void> {
  await cp(by, `${path}.new`, { recursive: true });
  await rename(path, `${path}.old`);
  await rename(`${path}.new`, path);
  await rm(`${path}.old`, { recursive: true });
}

describe("a task whose folder changes", () => {
  it("is replaced, while every request is answered by the old or the new one", async () => {
    const path = await copyTask(tasks.spam, "mine.engraft");
    const server = await keepServer([path]);
    const [before, after] = [
      await predictAlone(path, texts),
      await predictAlone(tasks.mood, texts),
    ];
    expect(await ask(server, "mine")).toEqual(before);
    await server.serving.reload();
    expect(await ask(server, "mine")).toEqual(before);

    await replace(path, tasks.mood);
    let isLoading = true;
    const loading = server.serving.reload().finally(() => {
      isLoading = false;
    });
    const answers: unknown[] = [];
    while (isLoading) answers.push(await ask(server, "mine"));
    await loading;
    for (const answer of answers) expect([before, after]).toContainEqual(answer);
    expect(answers[0]).toEqual(before);
    expect(await ask(server, "mine")).toEqual(after);
    const { body } = await server.app.inject("/metrics");
    expect(body).toContain('engraft_task_reloads_total{task="mine",outcome="success"} 1');
  });

  it("stays as it was while the new one is broken or away, which is said once", async () => {
    const log: string[] = [];
    const path = await copyTask(tasks.spam, "mine.engraft");
    const server = await keepServer([path], { log: (message) => log.push(message) });
    const before = await predictAlone(path, texts);
    const head = join(path, "head.onnx");
    const whole = await readFile(head);
    await writeFile(head, whole.subarray(0, 100));
    for (let looks = 0; looks < 2; looks++) {
      await server.serving.reload();
      expect(await ask(server, "mine")).toEqual(before);
    }
    expect(log).toEqual([expect.stringMatching(/mine.*old one stays.*head\.onnx/)]);
    await rename(path, `${path}.gone`);
    await server.serving.reload();
    expect(await ask(server, "mine")).toEqual(before);
    await rename(`${path}.gone`, path);
    await writeFile(head, whole);
    await server.serving.reload();
    expect(log[1]).toMatch(/Loaded task mine again/);
    expect(await ask(server, "mine")).toEqual(before);
  });

  it("and cannot be read does not keep others from being loaded, nor the server from ending", async () => {
    const log: string[] = [];
    const [stuck, fine] = [
      await copyTask(tasks.spam, "stuck.engraft"),
      await copyTask(tasks.spam, "fine.engraft"),
    ];
    const server = await openServer([stuck, fine], { log: (message) => log.push(message) });
    await rm(join(stuck, "head.onnx"));
    await promisify(execFile)("mkfifo", [join(stuck, "head.onnx")]);
    await replace(fine, tasks.mood);
    void server.serving.reload();
    await vi.waitFor(() => expect(log.join()).toContain("Loaded task fine again"), 50_000);
    await server.close();
    // What waits for the other end of the pipe would keep this process from ending.
    await open(join(stuck, "head.onnx"), constants.O_WRONLY | constants.O_NONBLOCK)
      .then((file) => file.close())
      .catch(() => {});
  });

  it("and now reads other inputs refuses the requests that were on their way", async () => {
    const path = await copyTask(tasks.spam, "mine.engraft");
    const server = await keepServer([path]);
    const { lines } = await trainImageTask();
    await replace(path, lines);
    await server.serving.reload();
    const late = [{ input: { kind: "text", text: "win" }, cost: 1 }] as const;
    const asking = server.serving.predict(["mine"], late, {
      signal: new AbortController().signal,
    });
    await expect(asking).rejects.toMatchObject({ code: "serving/modality", expected: "image" });
  });

  it("may need deeper layers, and those beside it stay the same to the last bit", async () => {
    /** The same head on an early layer, of the same width. */
    const shallow = (name: string) =>
      copyTask(tasks.mood, name, (manifest) => ({
        ...manifest,
        columns: [{ tap: "block.1", pooling: "mean", width: 384 }],
      }));
    const [first, second] = [await shallow("first.engraft"), await shallow("second.engraft")];
    const server = await keepServer([first, second]);
    const before = await ask(server, "first");
    expect(before).toEqual(await predictAlone(first, texts));
    await replace(second, tasks.mood);
    await server.serving.reload();
    expect(await ask(server, "second")).toEqual(await predictAlone(tasks.mood, texts));
    expect(await ask(server, "first")).toEqual(before);
    const both = await server.app.inject(asks(undefined, texts));
    expect(both.json().tasks[0]).toEqual({ task: "first", predictions: before });
    const passes = await server.app.inject("/metrics");
    // Two of a lane before the reload, and one for both tasks after the two alone.
    expect(passes.body).toContain("engraft_batch_inputs_count 4");
  });
});
