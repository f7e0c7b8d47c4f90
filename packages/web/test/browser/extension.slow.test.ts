import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { openExtension, type TestExtension } from "./extension.js";
import { MAILS } from "./texts.js";

/** What trains and answers with an instance. */
const WORK = (engraft: string) => `
  const work = async ({ mails, texts }) => {
    const task = await ${engraft}.train(mails, { base: "minilm-l6-int8", views: "last", seed: 1 });
    const predictions = await task.predict(texts);
    await task.close();
    return predictions.map(({ label, probabilities }) => ({ label, probabilities }));
  };`;

const FILES = {
  "service-worker.js": `
    import { createEngraft } from "./engraft-web/extension.js";
    const engraft = createEngraft({
      bases: chrome.runtime.getURL("models/"),
      wasm: chrome.runtime.getURL("engraft-web/ort-wasm-simd-threaded.wasm"),
    });
    ${WORK("engraft")}
    self.here = work;
    self.offscreen = async (question) => {
      if (!(await chrome.offscreen.hasDocument())) {
        await chrome.offscreen.createDocument({
          url: "offscreen.html",
          reasons: ["WORKERS"],
          justification: "Sorts texts in a worker.",
        });
      }
      return chrome.runtime.sendMessage(question);
    };`,
  "page.html": `<!doctype html><script type="module" src="page.js"></script>`,
  "page.js": `
    import { createEngraft } from "./engraft-web/extension.js";
    ${WORK("self.engraft")}
    self.start = (wasm) => {
      self.engraft = createEngraft({ bases: chrome.runtime.getURL("models/"), wasm });
    };
    self.here = work;`,
  "offscreen.html": `<!doctype html><script type="module" src="offscreen.js"></script>`,
  "offscreen.js": `
    import { createEngraft } from "./engraft-web/index.js";
    const engraft = createEngraft({ bases: chrome.runtime.getURL("models/"), device: "wasm" });
    ${WORK("engraft")}
    chrome.runtime.onMessage.addListener((question, sender, answer) => {
      Promise.all([work(question), engraft.info(), engraft.storage()]).then(
        ([predictions, { threads }, { where }]) => answer({ predictions, threads, where }),
        (error) => answer({ error: String(error) }),
      );
      return true; // The answer comes later.
    });`,
};

/** What the service worker and the page of the extension have. */
interface Scope {
  start(wasm: string | Uint8Array): void;
  here(question: Question): Promise<readonly Prediction[]>;
  offscreen(question: Question): Promise<unknown>;
}

interface Question {
  readonly mails: typeof MAILS;
  readonly texts: readonly string[];
}

interface Prediction {
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

const QUESTION: Question = {
  mails: MAILS.slice(0, 12),
  texts: ["free cash prize, click now", "the report of the meeting"],
};

let extension: TestExtension;

beforeAll(async () => {
  extension = await openExtension(inject("webBundle"), FILES);
});
afterAll(() => extension?.close());

/** Opens the page of the extension, where the entry for service workers is new. */
async function openPage(): Promise<Page> {
  const page = await extension.context.newPage();
  await page.goto(new URL("page.html", extension.serviceWorker.url()).href);
  return page;
}

it("an extension trains in its service worker and in an offscreen document, with the same result", {
  timeout: 180_000,
}, async () => {
  const { serviceWorker } = extension;
  const here = await serviceWorker.evaluate(
    (question) => (self as unknown as Scope).here(question),
    QUESTION,
  );
  expect(here.map(({ label }) => label)).toEqual(["spam", "ham"]);
  const offscreen = await serviceWorker.evaluate(
    (question) => (self as unknown as Scope).offscreen(question),
    QUESTION,
  );
  const predictions = here.map(({ label, probabilities }) => ({
    label,
    probabilities: Object.fromEntries(
      Object.entries(probabilities).map(([name, value]) => [name, expect.closeTo(value, 3)]),
    ),
  }));
  // Its worker has threads and the file system of the origin.
  expect(offscreen).toEqual({
    predictions,
    threads: expect.toSatisfy((count) => count > 1),
    where: "opfs",
  });
});

it("the entry for service workers takes WebAssembly as bytes, and names an address that has none", {
  timeout: 180_000,
}, async () => {
  const withBytes = await openPage();
  const labels = await withBytes.evaluate(async (question) => {
    const scope = window as unknown as Scope;
    const file = await fetch("engraft-web/ort-wasm-simd-threaded.wasm");
    scope.start(new Uint8Array(await file.arrayBuffer()));
    return (await scope.here(question)).map(({ label }) => label);
  }, QUESTION);
  expect(labels).toEqual(["spam", "ham"]);

  const without = await openPage();
  const error = await without.evaluate(async (question) => {
    const scope = window as unknown as Scope;
    scope.start("missing.wasm");
    return scope.here(question).then(String, (thrown: Error & { code: string }) => ({
      code: thrown.code,
      message: thrown.message,
    }));
  }, QUESTION);
  expect(error).toEqual({
    code: "runtime/load",
    message: expect.stringMatching(
      /missing\.wasm belongs to ONNX Runtime Web, and it cannot be fetched/,
    ),
  });
});
