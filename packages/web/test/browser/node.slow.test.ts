import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngraft, type Engraft, type SelectivePrediction } from "engraft";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadMails, sample } from "../../../../examples/spam-filter/mails.js";
import { openApp, type TestApp } from "./browser.js";
import { labelledStripes, stripe } from "./images.js";
import { MAILS, NEW_TEXTS } from "./texts.js";

let app: TestApp;
let page: Page;
let engraft: Engraft;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engraft-cross-"));
  engraft = createEngraft({ cache: join(folder, "cache") });
  app = await openApp();
  page = await app.open();
});
afterAll(async () => {
  await engraft?.close();
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A task that Node has written becomes files of the app. */
async function serveTask(name: string): Promise<void> {
  for (const file of await readdir(join(folder, name))) {
    app.server.files.set(`/tasks/${name}/${file}`, await readFile(join(folder, name, file)));
  }
}

/** A task that the browser has saved in a folder becomes a folder of Node's. */
async function fetchTask(name: string): Promise<string> {
  const files = await page.evaluate(async (directory) => {
    const root = await navigator.storage.getDirectory();
    const found: [string, number[]][] = [];
    for await (const [file, handle] of await root.getDirectoryHandle(directory)) {
      const content = await (handle as FileSystemFileHandle).getFile();
      found.push([file, [...new Uint8Array(await content.arrayBuffer())]]);
    }
    return found;
  }, name);
  await mkdir(join(folder, name));
  for (const [file, bytes] of files) {
    await writeFile(join(folder, name, file), Uint8Array.from(bytes));
  }
  return join(folder, name);
}

function expectAlike(
  found: readonly Pick<SelectivePrediction, "label" | "probabilities">[],
  expected: readonly SelectivePrediction[],
): void {
  expect(found.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
  for (const [at, { probabilities }] of found.entries()) {
    for (const [label, probability] of Object.entries(expected[at]!.probabilities)) {
      expect(Math.abs(probabilities[label]! - probability)).toBeLessThan(1e-3);
    }
  }
}

describe("a task", { timeout: 300_000 }, () => {
  it("on texts is the same in Node and in a browser, whichever trained it", async () => {
    const ours = await engraft.train(MAILS, { seed: 1 });
    await ours.save(join(folder, "node-mails"));
    await serveTask("node-mails");
    const expected = await ours.predict(NEW_TEXTS);
    const found = await page.evaluate(
      async ({ mails, texts }) => {
        const web = window.engraft.createEngraft();
        const ofNode = await web.loadTask("tasks/node-mails/");
        const own = await web.train(mails, { seed: 1 });
        const root = await navigator.storage.getDirectory();
        await own.save(await root.getDirectoryHandle("web-mails", { create: true }));
        const answers = {
          ofNode: await ofNode.predict(texts),
          own: await own.predict(texts),
          metrics: own.metrics,
        };
        await web.close();
        return answers;
      },
      { mails: MAILS, texts: NEW_TEXTS },
    );
    expectAlike(found.ofNode, expected);
    expectAlike(found.own, expected);
    expect(found.metrics.accuracy).toBe(ours.metrics.accuracy);
    expect(found.metrics.logLoss).toBeCloseTo(ours.metrics.logLoss, 3);
    await using theirs = await engraft.loadTask(await fetchTask("web-mails"));
    expectAlike(await theirs.predict(NEW_TEXTS), expected);
  });

  it("on the mails of the demo gives the same labels in both, whichever trained it", async () => {
    const { drawn, rest } = sample(await loadMails(), 20, 1);
    // The beginnings of mails, which take less time.
    const rows = drawn.map(({ text, label }) => [text.slice(0, 150), label] as const);
    const texts = rest.slice(0, 200).map(({ text }) => text.slice(0, 150));
    const ours = await engraft.train(rows, { seed: 1, views: "last" });
    await ours.save(join(folder, "node-demo"));
    await serveTask("node-demo");
    const found = await page.evaluate(
      async ({ rows, texts }) => {
        const web = window.engraft.createEngraft();
        const ofNode = await web.loadTask("tasks/node-demo/");
        const own = await web.train(rows, { seed: 1, views: "last" });
        const root = await navigator.storage.getDirectory();
        await own.save(await root.getDirectoryHandle("web-demo", { create: true }));
        const answers = { ofNode: await ofNode.predict(texts), own: await own.predict(texts) };
        await web.close();
        return answers;
      },
      { rows, texts },
    );
    const expected = await ours.predict(texts);
    await using theirs = await engraft.loadTask(await fetchTask("web-demo"));
    for (const answers of [found.ofNode, found.own, await theirs.predict(texts)]) {
      const same = answers.filter(({ label }, at) => label === expected[at]!.label);
      expect(same.length / texts.length).toBeGreaterThanOrEqual(0.995);
      for (const [at, { probabilities }] of answers.entries()) {
        const difference = Math.abs(probabilities.spam! - expected[at]!.probabilities.spam!);
        expect(difference).toBeLessThan(1e-3);
      }
    }
  });

  it("crosses as one file, both ways", async () => {
    const ours = await engraft.train(MAILS, { seed: 1, views: "last" });
    const path = join(folder, "node.engraft.zip");
    await ours.save(path);
    const zip = await readFile(path);
    app.server.files.set("/tasks/node.engraft.zip", zip);
    const expected = await ours.predict(NEW_TEXTS);
    const found = await page.evaluate(
      async ({ bytes, texts }) => {
        const web = window.engraft.createEngraft();
        const served = await web.loadTask("tasks/node.engraft.zip");
        const chosen = await web.loadTask(new File([Uint8Array.from(bytes)], "node.engraft.zip"));
        const broken = await web
          .loadTask(new File([Uint8Array.from(bytes.slice(0, 99))], "broken.zip"))
          .catch((error: unknown) => error);
        const extended = await chosen.extend([["a prize is waiting", "spam"]]);
        const file = await extended.export({ format: "engraft" });
        const answers = {
          served: await served.predict(texts),
          chosen: await chosen.predict(texts),
          extended: await extended.predict(texts),
          broken: broken instanceof window.engraft.UsageError && broken.message,
          file: [...new Uint8Array(await file.arrayBuffer())],
        };
        await web.close();
        return answers;
      },
      { bytes: [...zip], texts: NEW_TEXTS },
    );
    expectAlike(found.served, expected);
    expectAlike(found.chosen, expected);
    expect(found.broken).toMatch(/^broken\.zip\/? is not a task in one file: it is no ZIP archive/);
    const back = join(folder, "web.engraft.zip");
    await writeFile(back, Uint8Array.from(found.file));
    await using theirs = await engraft.loadTask(back);
    expect(theirs.metrics.n).toBe(MAILS.length + 1);
    expectAlike(found.extended, await theirs.predict(NEW_TEXTS));
  });

  it("on images is the same in Node and in a browser, whichever trained it", async () => {
    const rows = await labelledStripes();
    const inputs = [await stripe("stand", 11), await stripe("lie", 5)];
    const ours = await engraft.train(rows, { seed: 1, views: "last" });
    await ours.save(join(folder, "node-stripes"));
    await serveTask("node-stripes");
    const expected = await ours.predict(inputs);
    const found = await page.evaluate(
      async ({ rows, inputs }) => {
        const web = window.engraft.createEngraft();
        const images = inputs.map((bytes) => Uint8Array.from(bytes));
        const ofNode = await web.loadTask("tasks/node-stripes/", { modality: "image" });
        const own = await web.train(
          rows.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const),
          { seed: 1, views: "last" },
        );
        const root = await navigator.storage.getDirectory();
        await own.save(await root.getDirectoryHandle("web-stripes", { create: true }));
        const answers = { ofNode: await ofNode.predict(images), own: await own.predict(images) };
        await web.close();
        return answers;
      },
      {
        rows: rows.map(([bytes, label]) => [[...bytes], label] as const),
        inputs: inputs.map((bytes) => [...bytes]),
      },
    );
    expectAlike(found.ofNode, expected);
    expectAlike(found.own, expected);
    await using theirs = await engraft.loadTask(await fetchTask("web-stripes"));
    expectAlike(await theirs.predict(inputs), expected);
  });
});
