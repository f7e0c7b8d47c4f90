// Bundles @engraft/web for browsers: the page's part and the worker's, each in one piece, and beside
// them the files that ONNX Runtime Web loads by itself. No address of a network is in them.
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { noCodeOfText, ownAddress } from "./plugins.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCE = join(ROOT, "packages/web/src");

/** Whitespace stays: without it, strings become templates, and bundlers find neither worker nor files. */
export const PUBLISHED = { compress: true, mangle: true, codegen: false };

/** The files of ONNX Runtime Web that are fetched when they are needed. */
const ORT_FILES = ["", ".asyncify"].flatMap((build) =>
  ["mjs", "wasm"].map((ending) => `ort-wasm-simd-threaded${build}.${ending}`),
);

/**
 * @param {string} dir Where to write.
 * @param {Record<string, string>} entries Paths of further entries, by the names of their bundles.
 * @param {import("rolldown").OutputOptions["minify"]} minify Default: as it is published.
 * @returns {Promise<readonly import("rolldown").OutputChunk[]>}
 */
export async function bundleWeb(dir, entries = {}, minify = PUBLISHED) {
  mkdirSync(dir, { recursive: true });
  const page = await bundle(
    dir,
    { ...entries, ...sources("index", "server-side", "element") },
    minify,
  );
  const worker = await bundle(dir, sources("engine-worker", "worker"), minify);
  // It is served by itself, wherever an app has its root.
  const offline = await bundle(dir, sources("service-worker"), minify);
  const ort = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/wasm"));
  for (const name of ORT_FILES) copyFileSync(join(ort, name), join(dir, name));
  return [...page, ...worker, ...offline];
}

/** Entries of the package. */
function sources(...names) {
  return Object.fromEntries(names.map((name) => [name, join(SOURCE, `${name}.ts`)]));
}

async function bundle(dir, input, minify) {
  const build = await rolldown({
    input,
    platform: "browser",
    resolve: {
      conditionNames: ["@engraft/source", "onnxruntime-web-use-extern-wasm", "browser", "import"],
    },
    checks: { ineffectiveDynamicImport: false },
    plugins: [noCodeOfText, ownAddress],
  });
  try {
    const { output } = await build.write({
      dir,
      format: "esm",
      minify,
      keepNames: true,
      chunkFileNames: "[name]-[hash].js",
    });
    return output.filter(({ type }) => type === "chunk");
  } finally {
    await build.close();
  }
}
