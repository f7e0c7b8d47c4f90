// A page in Chromium without a window, cross-origin isolated, with @engraft/web and the base models.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium as playwright } from "playwright-core";
import { bundleWeb } from "../../scripts/web/bundle.mjs";
import { chromium } from "../../scripts/web/chromium.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const MODELS = join(HERE, "../../models");
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/**
 * Opens a page.
 *
 * @param work Folder for the bundle. @param files Content of further files, by their paths.
 */
export async function openPage(work, files) {
  const bundle = join(work, "bundle");
  await bundleWeb(bundle);
  const all = new Map([["/", "<!doctype html><title>Engraft</title>"], ...files]);
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const type = TYPES[extname(path)] ?? (path === "/" ? "text/html" : "application/octet-stream");
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    try {
      const body = all.get(path) ?? readFileSync(fileOf(path, bundle));
      response.writeHead(200, { "content-type": type, "content-length": Buffer.byteLength(body) });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const browser = await playwright.launch({
    executablePath: chromium,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { page, close };
}

function fileOf(path, bundle) {
  if (path.startsWith("/engraft/")) return join(MODELS, path.slice("/engraft/".length));
  return path.startsWith("/web/") ? join(HERE, path.slice("/web/".length)) : join(bundle, path);
}
