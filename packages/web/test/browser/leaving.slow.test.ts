import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { MAILS } from "./texts.js";

let app: TestApp;

beforeAll(async () => {
  app = await openApp();
});
afterAll(() => app?.close());
afterEach(() => {
  app.server.fault = () => undefined;
});

/** Texts with labels, so many that their features take a while. */
const MANY: readonly (readonly [string, string])[] = Array.from({ length: 8 }, (_, round) =>
  MAILS.map(([text, label]) => [`${text} (${round})`, label] as const),
).flat();

/** Bytes of the features that a page finds kept. */
function keptFeatures(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const instance = window.engraft.createEngraft();
    const { features } = await instance.storage();
    await instance.close();
    return features;
  });
}

describe("a page that is left", { timeout: 180_000 }, () => {
  it("in the middle of a training keeps the features that it has computed", async () => {
    const first = await app.open();
    const context = first.context();
    let seen = 0;
    let far = (): void => {};
    const isFar = new Promise<void>((resolve) => {
      far = resolve;
    });
    await first.exposeFunction("tell", (done: number) => {
      seen = Math.max(seen, done);
      if (done >= MANY.length / 2) far();
    });
    await first.evaluate((rows) => {
      const { tell } = window as unknown as { tell: (done: number) => void };
      const instance = window.engraft.createEngraft();
      void instance.train(rows, {
        views: "last",
        onProgress: ({ phase, done }) => phase === "features" && tell(done),
      });
    }, MANY);
    await isFar;
    await first.close();

    const second = await app.open(context);
    const left = await keptFeatures(second);
    const found = await second.evaluate(async (rows) => {
      const instance = window.engraft.createEngraft();
      const task = await instance.train(rows, { views: "last" });
      const { n } = task.metrics;
      await instance.close();
      return n;
    }, MANY);
    const all = await keptFeatures(second);
    expect(found).toBe(MANY.length);
    // What the page was told of was written, but for the batch under way.
    expect(left).toBeGreaterThan((all * (seen - BATCH)) / MANY.length);
    await context.close();
  });

  it("ends its worker, and starts another one should it come back", async () => {
    const page = await app.open();
    const found = await page.evaluate(async (mails) => {
      const { WorkerError } = window.engraft;
      const instance = window.engraft.createEngraft();
      await instance.info();
      const names = async (): Promise<number> => {
        const { held } = await navigator.locks.query();
        return held!.filter(({ name }) => name!.startsWith("engraft-")).length;
      };
      const before = await names();
      const pending = instance.train(mails).then(
        () => undefined,
        (error: unknown) => error,
      );
      dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
      const error = await pending;
      const { device } = await instance.info();
      await instance.close();
      const wait = async (): Promise<number> => {
        for (let tries = 0; tries < 50 && (await names()) > 0; tries++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return names();
      };
      return {
        before,
        code: error instanceof WorkerError && error.code,
        message: String(error),
        device,
        after: await wait(),
      };
    }, MAILS);
    expect(found).toMatchObject({ before: 1, code: "worker/died", device: "wasm", after: 0 });
    expect(found.message).toContain("the page was left");
    await page.close();
  });
});

/** Texts whose features are computed together, at most. */
const BATCH = 64;

it("of two tabs that write one task, the second is told, and loses nothing", async () => {
  const first = await app.open();
  const second = await app.open(first.context());
  await first.evaluate(async (mails) => {
    const instance = window.engraft.createEngraft();
    await instance.train(mails, { views: "last", output: "shared" });
    Object.assign(window, { task: await instance.loadTask("shared"), instance });
  }, MAILS);
  const load = (page: Page): Promise<void> =>
    page.evaluate(async () => {
      const instance = window.engraft.createEngraft();
      Object.assign(window, { task: await instance.loadTask("shared"), instance });
    });
  await load(second);
  type Shared = { task: import("../../src/index.js").Task<"text"> };
  const extend = (page: Page, text: string): Promise<void> =>
    page.evaluate(async (text) => {
      const shared = window as unknown as Shared;
      shared.task = await shared.task.extend([[text, "spam"]]);
    }, text);
  const write = (page: Page): Promise<{ code?: string; kept?: string }> =>
    page.evaluate(async () => {
      try {
        await (window as unknown as Shared).task.save("shared");
        return {};
      } catch (error) {
        const { code, kept } = error as { code: string; kept: string };
        return { code, kept };
      }
    });
  await extend(first, "a new prize");
  await extend(second, "another prize");
  expect(await write(first)).toEqual({});
  expect(await write(second)).toEqual({ code: "task/changed", kept: "shared-2" });
  const found = await first.evaluate(async () => {
    const { instance } = window as unknown as { instance: import("../../src/index.js").Engraft };
    const examples: number[] = [];
    for (const name of ["shared", "shared-2"]) {
      examples.push((await instance.loadTask(name)).metrics.n);
    }
    return examples;
  });
  expect(found).toEqual([MAILS.length + 1, MAILS.length + 1]);
  await first.context().close();
});

describe("code of the worker", () => {
  it("that is served as something else is said to be", async () => {
    const page = await app.open();
    app.server.files.set("/wrong.js", "<!doctype html><title>The app</title>");
    app.server.fault = (path) =>
      path === "/wrong.js" ? { type: "text/html", body: "<!doctype html>" } : undefined;
    const found = await page.evaluate(async () => {
      const instance = window.engraft.createEngraft({ worker: "/wrong.js" });
      const error = await instance.info().catch((thrown: unknown) => thrown);
      const { code, message } = error as Error & { code: string };
      return { code, message };
    });
    expect(found.code).toBe("worker/died");
    expect(found.message).toContain("/wrong.js");
    await page.close();
  });

  it("is let off a wrong type of the WebAssembly that it loads", async () => {
    const page = await app.open();
    const body = await readFile(join(inject("webBundle"), "ort-wasm-simd-threaded.wasm"));
    app.server.fault = (path) =>
      path.endsWith(".wasm") ? { type: "application/octet-stream", body } : undefined;
    const device = await page.evaluate(async () => {
      const instance = window.engraft.createEngraft();
      const found = await instance.info();
      await instance.close();
      return found.device;
    });
    expect(device).toBe("wasm");
    await page.close();
  });
});

it.each([
  [
    "to start",
    `WebAssembly.Memory = function () {
       throw new RangeError("WebAssembly.Memory(): could not allocate memory");
     };`,
  ],
  ["to grow", `WebAssembly.Memory.prototype.grow = () => { throw new RangeError("no more"); };`],
])("memory that is short in the worker is said to be: %s", async (_, code) => {
  app.server.files.set("/short-worker.js", 'import "./short.js"; import "./engine-worker.js";');
  app.server.files.set("/short.js", code);
  const page = await app.open();
  const found = await page.evaluate(async () => {
    const instance = window.engraft.createEngraft({ worker: "/short-worker.js" });
    const bitmap = new ImageData(16, 32);
    const error = await instance
      .suggest([bitmap, bitmap], { count: 1, base: "efficientnet-lite0" })
      .catch((thrown: unknown) => thrown);
    const { code, message } = error as Error & { code: string };
    await instance.close();
    return { code, message };
  });
  expect(found.code).toBe("runtime/memory");
  await page.close();
});
