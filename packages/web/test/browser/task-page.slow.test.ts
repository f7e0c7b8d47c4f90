import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { decodeBase64, openPageContent } from "@engraft/tasks/internal";
import { createEngraft, type Engraft, type SelectivePrediction } from "engraft";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAKE_CAMERA, openApp, openBrowser, type TestBrowser } from "./browser.js";
import { labelledStripes, stripe } from "./images.js";
import { MAILS, NEW_TEXTS } from "./texts.js";

/** Labels of somebody who wants the page to run them. */
const SCRIPT = "</script><script>window.hacked = true</script>";
const MARKUP = '"><img src=x onerror="window.hacked = true">\u202e';

let folder: string;
let engraft: Engraft;
let browser: TestBrowser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engraft-page-"));
  engraft = createEngraft({ cache: join(folder, "cache") });
  browser = await openBrowser(FAKE_CAMERA);
});
afterAll(async () => {
  await browser?.close();
  await engraft?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a page from the disk. @returns It, and all that it has asked for, but for what is in it. */
async function openFile(path: string): Promise<{ page: Page; requests: string[] }> {
  const context = await browser.browser.newContext();
  const requests: string[] = [];
  context.on("request", (request) => {
    if (!request.url().startsWith("blob:")) requests.push(request.url());
  });
  const page = await browser.open(pathToFileURL(path).href, context);
  return { page, requests };
}

/** The probabilities that the page shows beside the labels. */
async function shown(page: Page): Promise<ReadonlyMap<string, number>> {
  const bars = await page.$$eval(".answer .bars li", (found) =>
    found.map((bar) => [
      bar.querySelector(".name")!.textContent!,
      Number(bar.querySelector<HTMLElement>(".share")!.title),
    ]),
  );
  return new Map(bars as [string, number][]);
}

function expectAlike(
  found: ReadonlyMap<string, number>,
  { probabilities }: SelectivePrediction,
): void {
  expect(found.size).toBe(Object.keys(probabilities).length);
  for (const [label, probability] of Object.entries(probabilities)) {
    const name = label.replace("\u202e", "\\u202e");
    expect(Math.abs(found.get(name)! - probability)).toBeLessThan(1e-3);
  }
}

describe("the page of a task", { timeout: 300_000 }, () => {
  it("on texts predicts from the disk as Node does, and asks nobody for anything", async () => {
    const rows = MAILS.map(([text, label]) => [text, label === "spam" ? SCRIPT : MARKUP] as const);
    const task = await engraft.train(rows, { seed: 1, base: "minilm-l6-int8" });
    const output = join(folder, "mails.html");
    const written = await task.export(output, { format: "html", title: `Mails ${MARKUP}` });
    expect(written).toMatchObject({ output, base: { id: "minilm-l6-int8" } });
    expect(written.bytes).toBe((await stat(output)).size);
    expect(written.bytes).toBeLessThan(40e6);

    const { page, requests } = await openFile(output);
    await page.waitForSelector("textarea", { timeout: 120_000 });
    expect(await page.title()).toContain("Mails");
    expect(await page.textContent("h1")).toBe(`Mails ${MARKUP.replace("\u202e", "\\u202e")}`);
    const { accuracy } = task.metrics;
    const quality = await page.textContent(".quality");
    expect(quality).toContain(`Right on ${(100 * accuracy).toFixed(1)} % (95 % interval`);
    for (const text of NEW_TEXTS) {
      await page.fill("textarea", "");
      await page.waitForSelector(".answer", { state: "detached" });
      await page.fill("textarea", text);
      await page.waitForSelector(".answer");
      expectAlike(await shown(page), await task.predict(text));
    }
    await page.focus("#threshold");
    await page.keyboard.press("End");
    expect(await page.textContent(".label")).toBe("Not sure");
    expect(await page.evaluate(() => "hacked" in window)).toBe(false);
    expect(requests).toEqual([pathToFileURL(output).href]);
    await page.close();
    // The texts of the training stay at home.
    const [, held] = /id="engraft-content">([^<]*)</.exec(await readFile(output, "utf8"))!;
    const { task: files } = openPageContent(decodeBase64(held!));
    expect([...files.keys()].sort()).toEqual(["head.onnx", "task.json", "vocabulary.json"]);
  });

  it("on images predicts files and the camera", async () => {
    const rows = await labelledStripes();
    const task = await engraft.train(rows, { seed: 1, views: "last" });
    const output = join(folder, "stripes.html");
    await task.export(output, { format: "html" });
    const images = [await stripe("stand", 11), await stripe("lie", 5)];
    const expected = await task.predict(images);

    const { page, requests } = await openFile(output);
    await page.waitForSelector("#images", { state: "attached", timeout: 120_000 });
    for (const [at, image] of images.entries()) {
      const file = { name: `${at}.png`, mimeType: "image/png", buffer: Buffer.from(image) };
      await page.setInputFiles("#images", file);
      // The newest is the first.
      await page.waitForSelector(`.cards li:nth-child(${at + 1})`);
      await page.waitForSelector(".cards li:first-child .answer");
      const card = page.locator(".cards li").first();
      expect(await card.locator(".label").textContent()).toBe(expected[at]!.label);
      const share = await card.locator(".share").first().getAttribute("title");
      expect(Math.abs(Number(share) - expected[at]!.probability)).toBeLessThan(1e-3);
    }
    const broken = { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no image") };
    await page.setInputFiles("#images", broken);
    await page.waitForSelector(".cards .failure");

    const button = page.locator(".camera button");
    await button.click();
    await page.waitForSelector(".view > .slot .answer");
    expect(await page.isVisible("video")).toBe(true);
    await button.click();
    await page.waitForSelector(".view > .slot .answer", { state: "detached" });
    expect(await page.isVisible("video")).toBe(false);
    expect(requests).toEqual([pathToFileURL(output).href]);
    await page.close();
  });

  it("is the same whether Node or a tab writes it", async () => {
    const task = await engraft.train(await labelledStripes(), { seed: 1, views: "last" });
    const path = join(folder, "stripes.engraft.zip");
    await task.save(path);
    const saved = await engraft.loadTask(path);
    const output = join(folder, "same.html");
    await saved.export(output, { format: "html" });
    const expected = createHash("sha256")
      .update(await readFile(output))
      .digest("hex");
    const app = await openApp();
    try {
      app.server.files.set("/tasks/stripes.engraft.zip", await readFile(path));
      const page = await app.open();
      const found = await page.evaluate(async () => {
        const web = window.engraft.createEngraft();
        const task = await web.loadTask("tasks/stripes.engraft.zip");
        const file = await task.export({ format: "html" });
        await web.close();
        const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
        return { type: file.type, digest: [...new Uint8Array(digest)] };
      });
      expect(found.type).toBe("text/html");
      expect(Buffer.from(found.digest).toString("hex")).toBe(expected);
    } finally {
      await app.close();
    }
  });

  it("replaces an earlier page, and nothing else", async () => {
    const task = await engraft.train(MAILS, { views: "last", base: "minilm-l6-int8" });
    const other = join(folder, "other.html");
    await writeFile(other, "<p>My page</p>");
    await expect(task.export(other, { format: "html" })).rejects.toThrow(/not the page of a task/);
    const output = join(folder, "twice.html");
    const first = await task.export(output, { format: "html" });
    expect(await task.export(output, { format: "html" })).toEqual(first);
  });
});
