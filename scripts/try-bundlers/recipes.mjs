// The recipes of docs/guides/browser.md: an example for each way to bring Engraft onto a page, how it is
// built, and what a user does there.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** What is installed beside Engraft's packages: bundlers, and what Next.js asks for. */
export const BUNDLERS = [
  "vite@8.3.8",
  "webpack@5.113.0",
  "webpack-cli@7.3.1",
  "next@16.4.6",
  "react@19.3.1",
  "react-dom@19.3.1",
  "typescript@5.9.3",
  "@types/react@19.3.3",
  "@types/node@20.19.0",
];

/**
 * @typedef {object} Recipe
 * @property {string} name
 * @property {string} example Its folder below `examples`.
 * @property {string} base The base model that the page loads.
 * @property {string[] | undefined} build The command, by the name of its program.
 * @property {string} site The folder that is served.
 * @property {(folder: string, modules: string) => void} [prepare] What is copied before it is served.
 * @property {boolean} hasPolicy Whether the page works without inline scripts.
 * @property {(page: import("playwright-core").Page) => Promise<void>} use Fails where something is wrong.
 */

/** @type {readonly Recipe[]} */
export const RECIPES = [
  {
    name: "Vite, the camera",
    example: "browser-camera",
    base: "efficientnet-lite0",
    build: ["vite", "build"],
    site: "dist",
    hasPolicy: true,
    use: useCamera,
  },
  {
    name: "webpack, the element",
    example: "browser-webpack",
    base: "minilm-l6-int8",
    build: ["webpack"],
    site: "dist",
    prepare: (folder) => {
      cpSync(join(folder, "public"), join(folder, "dist"), { recursive: true });
      cpSync(join(folder, "../mails.engraft.zip"), join(folder, "dist/mails.engraft.zip"));
    },
    hasPolicy: true,
    use: useElement,
  },
  {
    name: "Next.js with Turbopack",
    example: "nextjs",
    base: "minilm-l6",
    build: ["next", "build"],
    site: "out",
    hasPolicy: false,
    use: useTexts,
  },
  {
    name: "Next.js with webpack",
    example: "nextjs",
    base: "minilm-l6",
    build: ["next", "build", "--webpack"],
    site: "out",
    hasPolicy: false,
    use: useTexts,
  },
  {
    name: "no bundler",
    example: "browser-page",
    base: "minilm-l6",
    build: undefined,
    site: "site",
    prepare: (folder, modules) => {
      mkdirSync(join(folder, "site"));
      cpSync(join(folder, "index.html"), join(folder, "site/index.html"));
      cpSync(join(modules, "@engraft/web/dist"), join(folder, "site/engraft-web"), {
        recursive: true,
      });
    },
    hasPolicy: false,
    use: useTexts,
  },
];

const TIMEOUT = { timeout: 120_000 };

/** Records both classes, trains, and waits for an answer to a frame. */
async function useCamera(page) {
  await page.click("#start");
  await page.waitForSelector("#classes:not([hidden])");
  for (const at of [0, 1]) {
    await page.focus(`#record-${at}`);
    await page.keyboard.down("Enter");
    const isEnough = (id) => Number.parseInt(document.querySelector(id).textContent, 10) >= 8;
    await page.waitForFunction(isEnough, `#count-${at}`, TIMEOUT);
    await page.keyboard.up("Enter");
  }
  await page.click("#train");
  await page.waitForFunction(
    () => /^Right on \d+ %/.test(document.querySelector("#state").textContent),
    undefined,
    TIMEOUT,
  );
  await page.waitForFunction(() =>
    /^(one|another) \(\d+ %\)$/.test(document.querySelector("#answer").textContent),
  );
}

/** Asks the task of the element. */
async function useElement(page) {
  await page.fill("engraft-task textarea", "free cash prize, click now", TIMEOUT);
  await page.waitForSelector("engraft-task .label", TIMEOUT);
  const label = await page.textContent("engraft-task .label");
  if (label !== "spam") throw new Error(`the element says "${label}"`);
  const bytes = await page.evaluate(async () => {
    const { task } = document.querySelector("engraft-task");
    return (await task.export({ format: "html" })).size;
  });
  if (bytes < 30e6) throw new Error(`the page of the task has ${bytes} bytes`);
}

/** Trains where that is asked for, and asks for a mail. */
async function useTexts(page) {
  const button = page.locator("button");
  if ((await button.count()) > 0) await button.click();
  await page.waitForFunction(
    () => /^Right on \d+ %/.test(document.querySelector("#state").textContent),
    undefined,
    TIMEOUT,
  );
  await page.fill("input", "free cash prize, click now");
  await page.waitForFunction(() => document.querySelector("#answer").textContent === "spam");
}
