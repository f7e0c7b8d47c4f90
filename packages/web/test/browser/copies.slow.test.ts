import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type * as web from "../../src/index.js";
import { openApp, type TestApp } from "./browser.js";
import { MAILS, NEW_TEXTS } from "./texts.js";

let app: TestApp;

beforeAll(async () => {
  app = await openApp();
});
afterAll(() => app?.close());

declare global {
  interface Window {
    /** Engraft a second time, as another part of the page has bundled it. */
    copy: typeof web;
  }
}

/** Trains with two instances at once, closes one, and goes on with the other. */
async function trainInBoth(): Promise<{
  same: boolean;
  labels: string[][];
  refused: string;
  names: string[];
}> {
  const { mails, texts } = (window as unknown as { data: { mails: never; texts: string[] } }).data;
  const instances = [window.engraft.createEngraft(), window.copy.createEngraft()] as const;
  const [a, b] = await Promise.all(
    instances.map((instance, at) =>
      instance.train(mails, { seed: 1, views: "last", output: `task-${at}` }),
    ),
  );
  const labels: string[][] = [];
  const messageOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "nothing was refused",
      (error: Error) => error.message,
    );
  const ask = async (task: web.Task): Promise<void> => {
    labels.push((await task.predict(texts)).map(({ label }) => label));
  };
  await Promise.all([ask(a!), ask(b!)]);
  const pending = ask(b!);
  await instances[0].close();
  await pending;
  const refused = await messageOf(a!.predict(texts[0]!));
  await b!.extend([["a new prize", "spam"]]);
  await ask(b!);
  const kept = await instances[1].loadTask("task-0");
  await ask(kept as web.Task);
  const { tasks } = await instances[1].storage();
  const error = await messageOf(b!.compare(a!, mails));
  await instances[1].close();
  return {
    same: JSON.stringify(a!.metrics) === JSON.stringify(b!.metrics),
    labels,
    refused: `${refused} / ${error}`,
    names: [...tasks.keys()].sort(),
  };
}

describe("Engraft twice in one page", () => {
  it.each([
    ["two instances", "/index.js"],
    ["two copies of its code", "/copy/index.js"],
  ])("does not disturb itself: %s", async (_, address) => {
    const folder = inject("webBundle");
    app.server.fault = (path) => {
      if (!path.startsWith("/copy/")) return undefined;
      const type = path.endsWith(".wasm") ? "application/wasm" : "text/javascript";
      return { type, body: readFileSync(join(folder, path.slice("/copy/".length))) };
    };
    app.server.files.set("/second.js", `import * as copy from "${address}"; window.copy = copy;`);
    const page = await app.open();
    await page.addScriptTag({ type: "module", url: "/second.js" });
    await page.waitForFunction(() => "copy" in window);
    await page.evaluate((data) => Object.assign(window, { data }), {
      mails: MAILS,
      texts: NEW_TEXTS,
    });
    const found = await page.evaluate(trainInBoth);
    expect(found.same).toBe(true);
    expect(found.labels).toEqual(Array(5).fill(["spam", "ham", "spam", "ham"]));
    expect(found.names).toEqual(["task-0", "task-1"]);
    expect(found.refused).toMatch(/closed.* \/ The tasks are of two instances of Engraft/);
    await page.context().close();
  });
});
