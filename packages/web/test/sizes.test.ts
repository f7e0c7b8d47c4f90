import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWeb } from "../../../scripts/web/bundle.mjs";

let folder: string;
let chunks: Awaited<ReturnType<typeof bundleWeb>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engraft-sizes-"));
  // As the bundler of an app makes it.
  chunks = await bundleWeb(folder, {}, true);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Kilobytes that a server sends of some files. */
async function kilobytes(names: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const name of names) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    bytes += brotliCompressSync(await readFile(join(folder, name)), { params }).length;
  }
  return bytes / 1000;
}

/** The part of that which is Engraft's own, and not of a library: as the parts are before they are compressed. */
async function ownKilobytes(names: Iterable<string>): Promise<number> {
  let sum = 0;
  for (const name of names) {
    const { modules } = chunks.find(({ fileName }) => fileName === name)!;
    let [own, all] = [0, 0];
    for (const [path, { renderedLength }] of Object.entries(modules)) {
      all += renderedLength;
      if (!path.includes("node_modules")) own += renderedLength;
    }
    if (all > 0) sum += ((await kilobytes([name])) * own) / all;
  }
  return sum;
}

/** The files that an entry loads at once. */
function loadedWith(entry: string): Set<string> {
  const names = new Set<string>();
  const visit = (name: string): void => {
    const chunk = chunks.find(({ fileName }) => fileName === name);
    if (chunk === undefined || names.has(name)) return;
    names.add(name);
    chunk.imports.forEach(visit);
  };
  visit(entry);
  return names;
}

it("a page loads little, and no address of another host is in the code", async () => {
  expect(await kilobytes(loadedWith("index.js"))).toBeLessThan(15);
  expect(await kilobytes(loadedWith("element.js"))).toBeLessThan(25);
  // Compressed, as servers send it, a fifth of that.
  expect((await stat(join(folder, "ort-wasm-simd-threaded.wasm"))).size).toBeLessThan(14.5e6);
  for (const name of await readdir(folder)) {
    if (!/\.m?js$/.test(name)) continue;
    const code = await readFile(join(folder, name), "utf8");
    expect(code, name).not.toMatch(/https?:\/\/(cdn\.|unpkg|cdnjs|[\w.]*jsdelivr)/);
  }
});

it("a worker loads at once what every task needs, and the rest when it is asked for", async () => {
  const atOnce = loadedWith("engine-worker.js");
  expect(await kilobytes(atOnce)).toBeLessThan(WORKER);
  const others = chunks.filter(({ fileName }) => !atOnce.has(fileName));
  const contents = others.flatMap(({ moduleIds }) => moduleIds).join("\n");
  for (const late of ["linkedom", "hyparquet-compressors", "packages/report"]) {
    expect(contents).toContain(late);
  }
});

it("the code of Engraft is a part of that, and does not grow unseen", async () => {
  const all = new Set(chunks.map(({ fileName }) => fileName));
  expect(await ownKilobytes(loadedWith("engine-worker.js"))).toBeLessThan(OWN_AT_ONCE);
  expect(await ownKilobytes(all)).toBeLessThan(OWN_IN_ALL);
});

/** Kilobytes of Engraft's own that a worker may load at once, and all entries with all that they load later. */
const [OWN_AT_ONCE, OWN_IN_ALL] = [103, 328];

/** Kilobytes that a worker may load at once. */
const WORKER = 176;
