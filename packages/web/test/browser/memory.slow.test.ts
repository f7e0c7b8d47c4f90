import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engraft, Task } from "../../src/index.js";
import { openApp, type TestApp } from "./browser.js";
import { labelledStripes } from "./images.js";
import { MAILS } from "./texts.js";

let app: TestApp;
let page: Page;

/** What the rounds share in the page. */
interface MemoryWindow {
  engraft: typeof import("../../src/index.js");
  instance: Engraft;
  task: Task;
  gc: () => void;
}

/** An engine that collects its garbage when it is told to. */
const WORKER = `import "./engine-worker.js";
  new BroadcastChannel("memory").onmessage = () => self.gc();`;

beforeAll(async () => {
  app = await openApp(["--js-flags=--expose-gc"]);
  app.server.files.set("/memory-worker.js", WORKER);
  page = await app.open();
  const rows = (await labelledStripes()).map(([file, label]) => [[...file], label] as const);
  await page.evaluate(
    async ({ mails, rows }) => {
      const shared = window as unknown as MemoryWindow;
      shared.instance = shared.engraft.createEngraft({ worker: "/memory-worker.js" });
      await shared.instance.train(mails, { views: "last", output: "mails" });
      const images = rows.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
      await shared.instance.train(images as never, { views: "last", output: "shapes" });
      shared.task = await shared.instance.loadTask("mails");
    },
    { mails: MAILS, rows },
  );
});
afterAll(() => app?.close());

/** Megabytes of memory that the processes of pages hold, once garbage is collected. */
async function memory(): Promise<number> {
  await page.evaluate(async () => {
    const channel = new BroadcastChannel("memory");
    for (let time = 0; time < 3; time++) {
      channel.postMessage("collect");
      (window as unknown as MemoryWindow).gc();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    channel.close();
  });
  const session = await app.browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const sizes = renderers.map(({ id }) => {
    const status = readFileSync(`/proc/${id}/status`, "utf8");
    const [anonymous, shared] = ["RssAnon", "RssShmem"].map((field) =>
      Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)![1]),
    );
    return (anonymous! + shared!) / 1000;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** How much the memory grows in later rounds, when all that is kept for good is there. */
async function growth(round: () => Promise<void>, first: number, later: number): Promise<number> {
  for (let at = 0; at < first; at++) await round();
  const before = await memory();
  for (let at = 0; at < later; at++) await round();
  return (await memory()) - before;
}

describe("memory stays level", { timeout: 600_000 }, () => {
  it("over 1,000 predictions", async () => {
    const predict = (): Promise<void> =>
      page.evaluate(async () => {
        const { task } = window as unknown as MemoryWindow;
        for (let at = 0; at < 100; at++) await task.predict(`prize number ${at}`);
      });
    expect(await growth(predict, 3, 7)).toBeLessThan(15);
  });

  it("over 50 tasks that are opened and closed", async () => {
    const open = (): Promise<void> =>
      page.evaluate(async () => {
        const { instance } = window as unknown as MemoryWindow;
        const task = await instance.loadTask("shapes");
        await task.predict(new ImageData(32, 16) as never);
        await task.close();
      });
    expect(await growth(open, 15, 35)).toBeLessThan(25);
  });

  it("over 50 instances that are opened and closed", async () => {
    const open = (): Promise<void> =>
      page.evaluate(async () => {
        const { engraft } = window as unknown as MemoryWindow;
        const instance = engraft.createEngraft({ worker: "/memory-worker.js" });
        const task = await instance.loadTask("shapes");
        await task.predict(new ImageData(32, 16) as never);
        await instance.close();
      });
    // What the browser keeps of workers that ended varies by 100 MB; one that stays has 30 MB and more.
    expect(await growth(open, 15, 50)).toBeLessThan(200);
  });
});
