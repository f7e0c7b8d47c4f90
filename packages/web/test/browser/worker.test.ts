import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";

let app: TestApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
});
afterAll(() => app?.close());

describe("a worker of one's own", () => {
  it("trains models layer by layer, on the base models of the app", async () => {
    const { result, error } = await page.evaluate(
      () =>
        new Promise<{ result?: Record<string, unknown>; error?: string }>((resolve) => {
          const worker = new Worker("/model-worker.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
        }),
    );
    expect(error).toBeUndefined();
    const [first, last] = result!.losses as [number, number];
    expect(last).toBeLessThan(first / 2);
    expect(result).toMatchObject({ predicted: [0, 1, 1, 0], trainable: 2 });
    expect(result!.weights).toBeGreaterThan(100);
    expect(result!.again).toMatch(/model\.onnx.*404/);
  });
});
