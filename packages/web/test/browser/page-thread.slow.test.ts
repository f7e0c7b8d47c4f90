import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { labelledStripes } from "./images.js";
import { MAILS } from "./texts.js";

let app: TestApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
});
afterAll(() => app?.close());

/** An event of a trace of Chromium: times are microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Time on the processor: how long other programs kept it does not count. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** A task of the page's thread must not take longer. Microseconds on the processor. */
const LONGEST = 50_000;

it("a page stays free while texts and images are trained on and predicted", async () => {
  const rows = (await labelledStripes()).map(([file, label]) => [[...file], label] as const);
  // What is sent for the test is no work of Engraft.
  await page.evaluate(
    ({ mails, rows }) => {
      const images = rows.map(([bytes, label]) => [new Blob([Uint8Array.from(bytes)]), label]);
      Object.assign(window, { mails, images });
    },
    { mails: MAILS, rows },
  );
  await app.browser.startTracing(page, { categories: ["toplevel", "__metadata"] });
  await page.evaluate(async () => {
    const { mails, images } = window as unknown as Record<"mails" | "images", [Blob, string][]>;
    const instance = window.engraft.createEngraft();
    const texts = await instance.train(mails, { views: "last" });
    await texts.predict("win a prize");
    const looking = await instance.train(images, { views: "last" });
    for (const [image] of images) await looking.predict(image);
    await texts.report();
    await instance.close();
  });
  const trace = JSON.parse((await app.browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const mainThreads = trace.traceEvents
    .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
    .map(({ pid, tid }) => `${pid} ${tid}`);
  const tasks = trace.traceEvents.filter(
    ({ name, pid, tid }) => name.endsWith("RunTask") && mainThreads.includes(`${pid} ${tid}`),
  );
  expect(tasks.length).toBeGreaterThan(50);
  const times = tasks.map(({ tdur = 0 }) => tdur);
  expect(Math.max(...times)).toBeGreaterThan(0);
  expect(Math.max(...times)).toBeLessThan(LONGEST);
});
