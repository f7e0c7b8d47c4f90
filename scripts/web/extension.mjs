// Bundles @engraft/web/extension, for service workers of browser extensions: one module that has all code
// in it, that of ONNX Runtime Web too, and imports nothing. The WebAssembly lies beside it.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { PUBLISHED } from "./bundle.mjs";
import { noCodeOfText, oneFile } from "./plugins.mjs";

const ENTRY = fileURLToPath(new URL("../../packages/web/src/extension.ts", import.meta.url));

/**
 * @param {string} dir Where to write.
 * @returns {Promise<import("rolldown").OutputChunk>}
 */
export async function bundleExtension(dir) {
  const build = await rolldown({
    input: ENTRY,
    platform: "browser",
    // Without the condition that keeps them apart, ONNX Runtime Web has all its code in one module.
    resolve: { conditionNames: ["@engraft/source", "browser", "import"] },
    checks: { ineffectiveDynamicImport: false },
    plugins: [noCodeOfText, oneFile],
  });
  try {
    const { output } = await build.write({
      file: join(dir, "extension.js"),
      format: "esm",
      minify: PUBLISHED,
      comments: { jsdoc: false },
      keepNames: true,
      codeSplitting: false,
    });
    const [chunk, ...others] = output;
    if (others.length > 0) throw new Error("the bundle of the extension is not one file");
    return chunk;
  } finally {
    await build.close();
  }
}
