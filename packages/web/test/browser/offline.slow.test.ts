import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engraft } from "../../src/index.js";
import { openApp, type TestApp } from "./browser.js";
import { MAILS } from "./texts.js";

let app: TestApp;

beforeAll(async () => {
  app = await openApp();
});
afterAll(() => app?.close());

/** The page of an app that works offline. */
interface OfflineWindow {
  readonly started: Promise<{ readonly isKept: boolean; readonly engraft: Engraft }>;
}

it("an app answers without a network from the second visit on", async () => {
  app.server.files.set(
    "/app.html",
    '<!doctype html><title>App</title><script type="module" src="app.js"></script>',
  );
  app.server.files.set(
    "/app.js",
    `import { createEngraft, workOffline } from "./index.js";
     window.started = workOffline("service-worker.js").then((isKept) => ({
       isKept,
       engraft: createEngraft(),
     }));`,
  );
  const context = await app.browser.newContext();
  const address = `${app.server.address}/app.html`;
  const page = await context.newPage();
  await page.goto(address);
  const isKept = await page.evaluate(async (mails) => {
    const { isKept, engraft } = await (window as unknown as OfflineWindow).started;
    await engraft.train(mails, { views: "last", output: "mails" });
    await engraft.close();
    return isKept;
  }, MAILS);
  expect(isKept).toBe(true);
  await page.close();

  await app.server.close();
  const next = await context.newPage();
  await next.goto(address);
  const found = await next.evaluate(async () => {
    const { isKept, engraft } = await (window as unknown as OfflineWindow).started;
    const task = await engraft.loadTask("mails");
    const { label } = await task.predict("free cash prize, click now");
    const { threads } = await engraft.info();
    const network = await fetch("/data.csv").catch((error: Error) => error.name);
    await engraft.close();
    return { isKept, label, threads, network };
  });
  // Isolated as before: the headers are kept, too.
  expect(found.threads).toBeGreaterThan(1);
  expect(found).toEqual({
    isKept: true,
    label: "spam",
    threads: expect.any(Number),
    network: "TypeError",
  });
  await context.close();
});
