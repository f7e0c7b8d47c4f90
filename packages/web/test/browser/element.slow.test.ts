import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngraft, type Engraft, type Task } from "engraft";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PredictionEvent } from "../../src/element.js";
import { openApp, type TestApp } from "./browser.js";
import { labelledStripes, stripe } from "./images.js";
import { MAILS } from "./texts.js";

declare global {
  interface Window {
    /** Names of the events of elements, in order, and what they told. */
    told: [id: string, name: string, detail: unknown][];
  }
}

let folder: string;
let engraft: Engraft;
let app: TestApp;
let page: Page;
let mails: Task;
let stripes: Task;
/** The attribute `integrity` of each task, by name. */
const integrity = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engraft-element-"));
  engraft = createEngraft({ cache: join(folder, "cache") });
  mails = await engraft.train(MAILS, { seed: 1, base: "minilm-l6-int8" });
  stripes = await engraft.train(await labelledStripes(), { seed: 1, views: "last" });
  app = await openApp();
  // On one thread, a page has one worker.
  app.server.isIsolated = false;
  for (const [name, task] of [
    ["mails", mails],
    ["stripes", stripes],
  ] as const) {
    const path = join(folder, `${name}.engraft.zip`);
    await task.save(path);
    const bytes = await readFile(path);
    app.server.files.set(`/tasks/${name}.engraft.zip`, bytes);
    integrity.set(name, `sha256-${createHash("sha256").update(bytes).digest("base64")}`);
  }
});
afterAll(async () => {
  await app?.close();
  await engraft?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => page.close());

/** Opens a page with elements in it, as an author of a page writes them. */
async function openElements(markup: string): Promise<void> {
  page = await app.open();
  await page.evaluate((markup) => {
    window.told = [];
    document.body.innerHTML = markup;
    for (const each of document.querySelectorAll("engraft-task")) {
      for (const name of ["ready", "prediction", "error"]) {
        each.addEventListener(name, (event) => {
          const { detail } = event as CustomEvent;
          window.told.push([each.id, name, detail instanceof Error ? detail.message : detail]);
        });
      }
    }
  }, markup);
  await page.addScriptTag({ type: "module", url: "/element.js" });
}

function told(id: string, name: string): Promise<unknown[]> {
  return page.evaluate(
    ({ id, name }) => {
      const found = window.told.filter((each) => each[0] === id && each[1] === name);
      return found.map(([, , detail]) => detail);
    },
    { id, name },
  );
}

async function waitForTold(id: string, name: string): Promise<unknown[]> {
  await page.waitForFunction(
    ({ id, name }) => window.told.some((each) => each[0] === id && each[1] === name),
    { id, name },
    { timeout: 120_000 },
  );
  return told(id, name);
}

describe("engraft-task", { timeout: 300_000 }, () => {
  it("shows and asks several tasks of a page on one engine", async () => {
    await openElements(`
      <engraft-task id="mails" src="tasks/mails.engraft.zip" integrity="${integrity.get("mails")}"
        threshold="0.6"></engraft-task>
      <engraft-task id="stripes" src="/tasks/stripes.engraft.zip" heading="Which way?"></engraft-task>`);
    await waitForTold("mails", "ready");
    await waitForTold("stripes", "ready");
    expect(page.workers()).toHaveLength(1);
    expect(await page.textContent("#mails h2")).toBe("mails");
    expect(await page.textContent("#stripes h2")).toBe("Which way?");

    await page.fill("#mails textarea", "free cash prize, click now");
    const [asked] = (await waitForTold("mails", "prediction")) as [PredictionEvent];
    const expected = await mails.predict("free cash prize, click now");
    expect(asked).toMatchObject({
      input: "free cash prize, click now",
      prediction: { label: expected.label },
      accepted: true,
    });
    expect(Math.abs(asked.prediction.probability - expected.probability)).toBeLessThan(1e-3);
    await page.$eval("#mails", (found) => found.setAttribute("threshold", "1"));
    expect(await page.textContent("#mails .label")).toBe("Not sure");

    const image = await stripe("stand", 11);
    const file = { name: "new.png", mimeType: "image/png", buffer: Buffer.from(image) };
    await page.setInputFiles("#stripes #images", file);
    await page.waitForSelector("#stripes .cards .answer");
    const { label } = await stripes.predict(image);
    expect(await page.textContent("#stripes .cards .label")).toBe(label);
  });

  it("has a task for programs, and loads another one when its attributes change", async () => {
    await openElements('<engraft-task id="one" src="/tasks/mails.engraft.zip"></engraft-task>');
    await waitForTold("one", "ready");
    const labels = await page.evaluate(async () => {
      const one = document.querySelector("engraft-task")!;
      const before = one.task!.labels;
      one.src = "/tasks/stripes.engraft.zip";
      await new Promise((resolve) => one.addEventListener("ready", resolve, { once: true }));
      const after = one.task!.labels;
      one.remove();
      await Promise.resolve();
      return { before, after, removed: one.task };
    });
    expect(labels).toEqual({ before: mails.labels, after: stripes.labels, removed: undefined });
  });

  it("refuses a file that is not the one that the page asks for, and says what is wrong", async () => {
    const other = integrity.get("stripes")!;
    await openElements(`
      <engraft-task id="altered" src="/tasks/mails.engraft.zip" integrity="${other}"></engraft-task>
      <engraft-task id="weak" src="/tasks/mails.engraft.zip" integrity="md5-abc"></engraft-task>
      <engraft-task id="strong" src="/tasks/mails.engraft.zip"
        integrity="${integrity.get("mails")} sha512-abc="></engraft-task>
      <engraft-task id="folder" src="/tasks/mails.engraft/" integrity="${other}"></engraft-task>
      <engraft-task id="missing" src="/tasks/none.zip"></engraft-task>
      <engraft-task id="limit" src="/tasks/mails.engraft.zip" threshold="high"></engraft-task>`);
    for (const [id, message] of [
      ["altered", /is not the one that the page asks for/],
      ["weak", /not "md5-abc"/],
      // The strongest digest decides.
      ["strong", /its digest is sha512-/],
      ["folder", /its name ends in \.zip/],
      ["missing", /none\.zip was not loaded: the server answers 404/],
      ["limit", /threshold is a number between 0 and 1, not "high"/],
    ] as const) {
      const [error] = await waitForTold(id, "error");
      expect(error).toMatch(message);
      expect(await page.textContent(`#${id} [role=alert]`)).toBe(error);
      expect(await told(id, "ready")).toEqual([]);
    }
  });
});
