import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { CSV, MAILS, NEW_TEXTS } from "./texts.js";

let app: TestApp;
let page: Page;

declare global {
  interface Window {
    /** The instance of the page. */
    instance: import("../../src/index.js").Engraft;
  }
}

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
  await page.evaluate(() => {
    window.instance = window.engraft.createEngraft();
  });
});
afterAll(async () => {
  await page?.evaluate(() => window.instance.close());
  await app?.close();
});

describe("texts in a page", () => {
  it("train a task that knows how good it is, and predicts", async () => {
    const found = await page.evaluate(
      async ({ mails, texts }) => {
        const phases = new Set<string>();
        const engraft = window.instance;
        const task = await engraft.train(mails, {
          seed: 1,
          onProgress: ({ phase }) => phases.add(phase),
        });
        const predictions = await task.predict(texts);
        const one = await task.predict(texts[0]!, { topK: 1 });
        const info = await engraft.info();
        return {
          labels: task.labels,
          n: task.metrics.n,
          text: String(task),
          predicted: predictions.map(({ label }) => label),
          ranking: one.ranking,
          inherits: "constructor" in one.probabilities,
          same: one.probability === predictions[0]!.probability,
          phases: [...phases],
          info,
        };
      },
      { mails: MAILS, texts: NEW_TEXTS },
    );
    expect(found).toMatchObject({
      labels: ["ham", "spam"],
      n: MAILS.length,
      predicted: ["spam", "ham", "spam", "ham"],
      ranking: [{ label: "spam" }],
      inherits: false,
      same: true,
    });
    expect(found.text).toMatch(/Out of fold .*\n\n.*accuracy/);
    expect(found.phases).toEqual(
      expect.arrayContaining(["download", "features", "evaluate", "fit"]),
    );
    expect(found.info).toMatchObject({ device: "wasm", notices: [] });
    expect(found.info.threads).toBeGreaterThan(1);
  });

  it("are read from a file and from an address, with the positions of what is wrong", async () => {
    app.server.files.set("/data/mails.csv", CSV);
    const found = await page.evaluate(async (csv) => {
      const { DataError, Task } = window.engraft;
      const engraft = window.instance;
      const options = { views: "last" } as const;
      const file = new File([csv], "mails.csv");
      const ofFile = await engraft.train(file, options);
      const ofAddress = await engraft.train("data/mails.csv", options);
      const bad = new File([`${csv}"a text without a label",\n`], "bad.csv");
      const error = await engraft.train(bad, options).catch((thrown: unknown) => thrown);
      const streamed: (string | undefined)[] = [];
      for await (const { source, prediction } of ofFile.predictStream(file)) {
        if (streamed.length < 4) streamed.push(source, prediction?.label);
      }
      return {
        isTask: ofFile instanceof Task,
        same: JSON.stringify(ofFile.metrics) === JSON.stringify(ofAddress.metrics),
        isError: error instanceof DataError,
        problems: error instanceof DataError ? error.problems : [],
        remedies: error instanceof DataError ? error.remedies : [],
        streamed,
      };
    }, CSV);
    expect(found).toEqual({
      isTask: true,
      same: true,
      isError: true,
      problems: [{ where: "bad.csv:22", what: expect.stringContaining("label") }],
      remedies: ["skipBad"],
      streamed: ["mails.csv:2", "spam", "mails.csv:3", "ham"],
    });
  });

  it("make a task that is kept, and loaded at the next visit", async () => {
    const context = page.context();
    const trained = await page.evaluate(
      async ({ mails, texts }) => {
        const task = await window.instance.train(mails, { views: "last", output: "kept" });
        return task.predict(texts);
      },
      { mails: MAILS, texts: NEW_TEXTS },
    );
    const next = await app.open(context);
    const model = "/engraft/minilm-l6/model.onnx";
    const before = app.server.requests.get(model);
    const loaded = await next.evaluate(async (texts) => {
      const { createEngraft, UsageError } = window.engraft;
      const engraft = createEngraft();
      const task = await engraft.loadTask("kept");
      const storage = await engraft.storage();
      const predictions = await task.predict(texts);
      const missing = await engraft.loadTask("nothing").catch((error: unknown) => error);
      const untyped: unknown[] = [5, undefined, {}, new Blob(["free money"])];
      const wrong = untyped.map((input) => task.predict(input as string).catch(String));
      await storage.clear("tasks", "kept");
      const left = (await engraft.storage()).tasks.size;
      await task.close();
      await engraft.close();
      return {
        predictions,
        where: storage.where,
        tasks: [...storage.tasks.keys()],
        bases: storage.bases,
        features: storage.features,
        refused: missing instanceof UsageError && missing.message,
        wrong: await Promise.all(wrong),
        left,
      };
    }, NEW_TEXTS);
    await next.close();
    expect(loaded.predictions).toEqual(trained);
    expect(loaded).toMatchObject({
      where: "opfs",
      tasks: ["kept"],
      refused: "nothing is not the name of a task in this browser.",
      left: 0,
    });
    expect(loaded.wrong).toEqual([
      expect.stringMatching(/^UsageError: An input is 5; expected a text/),
      expect.stringMatching(/^UsageError: An input is undefined; expected a text/),
      expect.stringMatching(/^UsageError: An input is another object; expected a text/),
      expect.stringMatching(/^UsageError: Input 1 is an image; expected a text/),
    ]);
    expect(loaded.bases).toBeGreaterThan(40e6);
    expect(loaded.features).toBeGreaterThan(0);
    // The base is fetched once.
    expect(app.server.requests.get(model)).toBe(before);
  });
});
