import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleExtension } from "../../../scripts/web/extension.mjs";

let folder: string;
let code: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engraft-extension-"));
  await bundleExtension(folder);
  code = await readFile(join(folder, "extension.js"), "utf8");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("the entry for extensions is one file that loads no code and makes none of text", () => {
  expect(code).toMatch(/^export \{.*\bcreateEngraft\b/ms);
  expect(code).not.toMatch(/^(?:import\b|export .*\bfrom\b)/m);
  expect(code).not.toMatch(/\bimport\s*\(/);
  expect(code).not.toMatch(/\bimportScripts\b|\beval\s*\(|\bFunction\s*\(|= Function\b/);
  expect(code).not.toMatch(/https?:\/\/(cdn\.|unpkg|cdnjs|[\w.]*jsdelivr)/);
});

it("names the files beside it in the form that bundlers find, and no others", () => {
  const named = [...code.matchAll(/new URL\("([^"]*)", import\.meta\.url\)/g)].map(
    ([, name]) => name,
  );
  expect(named.sort()).toEqual(["./ort-wasm-simd-threaded.wasm", "./task-page.txt"]);
  expect(code.match(/import\.meta/g)).toHaveLength(named.length);
});

it("does not grow unseen", () => {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  expect(brotliCompressSync(code, { params }).length / 1000).toBeLessThan(KILOBYTES);
});

/** Kilobytes of it, compressed. */
const KILOBYTES = 700;
