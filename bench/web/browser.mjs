// The browser side: Chromium without a window, a page that is cross-origin isolated, ONNX Runtime Web on
// two threads.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium as playwright } from "playwright-core";
import { bundleWeb } from "../../scripts/web/bundle.mjs";
import { chromium } from "../../scripts/web/chromium.mjs";
import { options, report } from "../lib.mjs";
import { loadPhotos, loadTexts } from "./data.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const MODELS = join(HERE, "../../models");
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

const { data, work } = options();
const bundle = join(work, "bundle");
await bundleWeb(bundle);
const files = new Map([["/", "<!doctype html><title>Engraft</title>"]]);
const photos = loadPhotos(data);
files.set("/mails.json", JSON.stringify(await loadTexts()));
files.set("/labels.json", JSON.stringify(photos.map(([, label]) => label)));
for (const [at, [photo]] of photos.entries()) files.set(`/photos/${at}`, photo);

const server = createServer((request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const type = TYPES[extname(path)] ?? (path === "/" ? "text/html" : "application/octet-stream");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-embedder-policy", "require-corp");
  try {
    const body = files.get(path) ?? readFileSync(fileOf(path));
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
const { measured, info } = await page.evaluate(async () => {
  const load = (address) => import(address);
  const engraft = await load("/index.js");
  const { measureTasks } = await load("/web/work.mjs");
  const { measureFrames } = await load("/web/frames.mjs");
  const [mails, labels] = await Promise.all(
    ["/mails.json", "/labels.json"].map(async (path) => (await fetch(path)).json()),
  );
  const read = async (label, at) => [await (await fetch(`/photos/${at}`)).blob(), label];
  const images = await Promise.all(labels.map(read));
  const instance = engraft.createEngraft();
  const tasks = await measureTasks(instance, mails, images);
  const frames = await measureFrames(instance, images);
  return { measured: { ...tasks, "100 frames": frames }, info: await instance.info() };
});
await browser.close();
server.close();
report(
  Object.fromEntries(Object.entries(measured).map(([name, value]) => [name, { wasm: value }])),
  { info },
);

function fileOf(path) {
  if (path.startsWith("/engraft/")) return join(MODELS, path.slice("/engraft/".length));
  return path.startsWith("/web/") ? join(HERE, path.slice("/web/".length)) : join(bundle, path);
}
