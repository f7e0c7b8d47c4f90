// Makes the program of a task's page (`task.export(place, { format: "html" })`): the page's part and, as a
// text in it, the worker's, in one script that loads nothing. Its name is that of a text, which bundlers of
// apps hand on as it is. The package engraft and the package
// @engraft/web each have a copy, so that neither needs the other.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCE = join(ROOT, "packages/web/src/task-page");

/** Its place in the package engraft. */
export const IN_ENGRAFT = join(ROOT, "packages/engraft/dist/task-page.txt");

/**
 * @param {string} file Where to write.
 * @returns {Promise<readonly string[]>} The modules that are in it.
 */
export async function buildTaskPage(file) {
  const worker = await bundle("worker.ts");
  const page = await bundle("main.ts", { WORKER_PROGRAM: JSON.stringify(worker.code) });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, forScriptElement(page.code));
  return [...worker.moduleIds, ...page.moduleIds];
}

/** Scripts, and no modules: a page from a disk may start no worker that is one. */
async function bundle(entry, define = {}) {
  const build = await rolldown({
    input: join(SOURCE, entry),
    platform: "browser",
    // Without the condition that keeps them apart, ONNX Runtime Web has all its code in one module.
    resolve: { conditionNames: ["@engraft/source", "browser", "import"] },
    transform: { define: { "import.meta.url": "self.location.href", ...define } },
    checks: { ineffectiveDynamicImport: false },
  });
  try {
    const { output } = await build.generate({
      format: "iife",
      minify: true,
      keepNames: true,
      codeSplitting: false,
    });
    const [chunk, ...others] = output;
    if (others.length > 0) throw new Error(`the bundle of ${entry} is not one file`);
    return chunk;
  } finally {
    await build.close();
  }
}

/** Inside of an element, a program must not name its end. Both stand in strings and expressions alone. */
function forScriptElement(code) {
  return code.replace(/<(?=\/script|!--)/gi, "\\x3c");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildTaskPage(IN_ENGRAFT);
