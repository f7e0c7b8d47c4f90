import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build, createServer, type InlineConfig } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stageWeb } from "../../../../scripts/web/pack.mjs";
import { openBrowser, type TestBrowser } from "./browser.js";
import { serveApp } from "./serve.js";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

let folder: string;
let browser: TestBrowser;

/** The example as users have it: with the package as it is published. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engraft-vite-"));
  const published = join(folder, "node_modules/@engraft/web");
  await cp(join(ROOT, "examples/browser-texts"), folder, { recursive: true });
  await mkdir(published, { recursive: true });
  await cp(join(ROOT, "packages/web/package.json"), join(published, "package.json"));
  await cp(join(ROOT, "packages/web/dist"), join(published, "dist"), { recursive: true });
  await stageWeb(published);
  await symlink(join(ROOT, "node_modules/vite"), join(folder, "node_modules/vite"));
  await mkdir(join(folder, "public/engraft"), { recursive: true });
  await symlink(join(ROOT, "models/minilm-l6"), join(folder, "public/engraft/minilm-l6"));
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }');
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Trains on the sample of the example, and asks for a text. */
async function tryExample(page: Page): Promise<void> {
  await page.click("#sample");
  await page.waitForSelector("#ask:not([hidden])", { timeout: 120_000 });
  expect(await page.textContent("#state")).toMatch(/^Right on \d+ % of texts/);
  expect(await page.textContent("#quality")).toContain("Out of fold");
  await page.fill("#text", "free cash prize, click now");
  await page.waitForFunction(() =>
    document.querySelector("#answer")?.textContent?.startsWith("spam"),
  );
}

describe("the example of texts in a browser", { timeout: 300_000 }, () => {
  const config = (): InlineConfig => ({ root: folder, logLevel: "error" });

  it("works as Vite builds it", async () => {
    await build(config());
    const server = await serveApp(join(folder, "dist"), "index.html");
    try {
      await tryExample(await browser.open(server.address));
    } finally {
      await server.close();
    }
  });

  it("works as Vite serves it to developers", async () => {
    const server = await createServer(config());
    await server.listen(0);
    try {
      await tryExample(await browser.open(server.resolvedUrls!.local[0]!));
    } finally {
      await server.close();
    }
  });
});
