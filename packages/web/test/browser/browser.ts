import {
  type Browser,
  type BrowserContext,
  type Page,
  chromium as playwright,
} from "playwright-core";
import { inject } from "vitest";
import { chromium } from "../../../../scripts/web/chromium.mjs";
import type * as web from "../../src/index.js";
import { serveApp, type TestServer } from "./serve.js";

/** Chromium, and what its pages have thrown. */
export interface TestBrowser {
  readonly browser: Browser;
  /** Opens a page, in a profile of its own unless one is given. */
  readonly open: (address: string, context?: BrowserContext) => Promise<Page>;
  /** @throws AggregateError where a page has thrown. */
  readonly close: () => Promise<void>;
}

/** An app with Engraft in it, open in Chromium. */
export interface TestApp {
  readonly server: TestServer;
  readonly browser: Browser;
  /** Opens a page of the app, in a profile of its own unless one is given. */
  open(context?: BrowserContext): Promise<Page>;
  close(): Promise<void>;
}

/** What tests find in a page. */
declare global {
  interface Window {
    engraft: typeof web;
  }
}

/** Starts Chromium. @param flags - Further ones. */
export async function openBrowser(flags: readonly string[] = []): Promise<TestBrowser> {
  const browser = await playwright.launch({
    ...(chromium !== undefined && { executablePath: chromium }),
    // The sandbox of Chromium does not start for the administrator, as tests in containers are.
    args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), ...flags],
  });
  const errors: Error[] = [];
  return {
    browser,
    async open(address, context) {
      const page = await (context ?? (await browser.newContext())).newPage();
      page.on("pageerror", (error) => errors.push(error));
      await page.goto(address);
      return page;
    },
    async close() {
      await browser.close();
      if (errors.length > 0) throw new AggregateError(errors, "A page has thrown.");
    },
  };
}

/** With these, Chromium has a camera that shows a pattern, and lets every page use it. */
export const FAKE_CAMERA: readonly string[] = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];

/** With these, Chromium has a GPU that is computed on the processor. */
export const SOFTWARE_GPU: readonly string[] = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** Serves the bundles of Engraft and starts Chromium. @param flags - Further ones. */
export async function openApp(flags: readonly string[] = []): Promise<TestApp> {
  const server = await serveApp(inject("webBundle"));
  server.files.set("/page.js", "import * as engraft from './index.js'; window.engraft = engraft;");
  const { browser, open, close } = await openBrowser(flags);
  return {
    server,
    browser,
    async open(context) {
      const page = await open(server.address, context);
      await page.addScriptTag({ type: "module", url: "/page.js" });
      await page.waitForFunction(() => "engraft" in window);
      return page;
    },
    async close() {
      await close();
      await server.close();
    },
  };
}
