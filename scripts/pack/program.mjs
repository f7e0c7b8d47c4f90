// Makes the program `engraft` as it is published: bin/engraft.js of the package with all that it needs in
// one piece. Hundreds of small modules take longer to find and load than a prediction takes.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, HOME } from "./bundle.mjs";

const PROGRAM = join(HOME, "bin/engraft.js");

/**
 * Bundles the program.
 *
 * @param {string} folder Where to write engraft.js, what it loads, and the licences of all that is in it.
 *   In the folder above, the program looks for the manifest of its package.
 */
export async function bundleProgram(folder) {
  mkdirSync(folder, { recursive: true });
  const notices = await bundle({ engraft: PROGRAM }, folder, oneFileEach);
  chmodSync(join(folder, "engraft.js"), 0o755);
  writeFileSync(join(folder, "ThirdPartyNotices.txt"), notices);
}

/**
 * What a compute worker loads at once is one file, with what starts it, and what a prediction loads
 * besides is another.
 */
function oneFileEach(chunks) {
  const worker = loadedBy(chunks, [
    "host/workers/compute-worker.js",
    "host/workers/compute-threads.js",
  ]);
  const predict = loadedBy(chunks, ["cli/main.js", "cli/commands/task/predict.js"]);
  const entries = new Set(
    chunks.filter(({ isEntry }) => isEntry).map((each) => each.facadeModuleId),
  );
  const among = (modules) => (id) => modules.has(id) && !entries.has(id);
  return [
    { name: "compute", test: among(worker), priority: 2 },
    { name: "predict", test: among(predict), priority: 1 },
  ];
}

/** The modules that are loaded with some modules, given by the ends of their paths. */
function loadedBy(chunks, modules) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const seen = new Set();
  const visit = (chunk) => {
    if (chunk === undefined || seen.has(chunk)) return;
    seen.add(chunk);
    for (const name of chunk.imports) visit(byName.get(name));
  };
  for (const end of modules) {
    const holds = ({ moduleIds }) => moduleIds.some((id) => id.replaceAll("\\", "/").endsWith(end));
    const chunk = chunks.find(holds);
    if (chunk === undefined) throw new Error(`The bundle has no module ${end}.`);
    visit(chunk);
  }
  return new Set([...seen].flatMap(({ moduleIds }) => moduleIds));
}
