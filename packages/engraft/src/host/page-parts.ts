import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { UsageError } from "@engraft/core/errors";
import type { PageProgram } from "@engraft/tasks/predict";
import { WASM_PACKAGE } from "./runtime/native-platforms.js";

/** Made with the package: see scripts/web/task-page.mjs. */
const PROGRAM = "dist/task-page.txt";
const WASM = "ort-wasm-simd-threaded.wasm";

/**
 * Reads the program of a page and ONNX Runtime as WebAssembly out of the packages that hold them.
 *
 * @throws UsageError when one is not installed.
 */
export async function readPageParts(): Promise<PageProgram> {
  const [program, wasm] = await Promise.all([readProgram(), readWasm()]);
  return { program, wasm };
}

async function readProgram(): Promise<string> {
  try {
    const folder = dirname(fileURLToPath(import.meta.resolve("engraft/package.json")));
    return await readFile(join(folder, PROGRAM), "utf8");
  } catch (cause) {
    throw new UsageError(
      `The program of pages (${PROGRAM}) is not in the package engraft. Install the package again; in ` +
        "its repository, run: npm run build",
      { cause },
    );
  }
}

async function readWasm(): Promise<Uint8Array> {
  try {
    const folder = dirname(fileURLToPath(import.meta.resolve(`${WASM_PACKAGE}/package.json`)));
    return gunzipSync(await readFile(join(folder, `${WASM}.gz`)));
  } catch {
    // In the repository the package is not made yet, and the one that it is made of is installed.
    return readWasmOfBuild();
  }
}

async function readWasmOfBuild(): Promise<Uint8Array> {
  try {
    return await readFile(fileURLToPath(import.meta.resolve(`onnxruntime-web/${WASM}`)));
  } catch (cause) {
    throw new UsageError(
      `ONNX Runtime as WebAssembly is not installed, which a page needs. Install it with: npm install ${WASM_PACKAGE}`,
      { cause },
    );
  }
}
