// Installs Engraft from its packed tarballs into empty folders, by several package managers and versions
// of Node, and uses it there: trains a task, predicts, predicts on WebAssembly, asks the doctor. Ends with
// a table, and with an error where anything failed. Warnings of package managers that name a package of
// Engraft or of ONNX Runtime count as failures, and so do install scripts.
//
//   node scripts/try-install/try-install.mjs                  everything, in an hour or so
//   node scripts/try-install/try-install.mjs --here           this Node with its npm, in two minutes
//   node scripts/try-install/try-install.mjs --node 22,24 --manager pnpm,bun
//   --packs <folder>   tarballs of scripts/pack/pack.mjs; packed anew by default
//
// Only the npm registry is needed. Versions of Node and package managers are fetched from it too.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MANAGERS } from "./managers.mjs";
import { serveRegistry } from "./registry.mjs";
import { fetchTool } from "./tools.mjs";
import { tryOne } from "./try-one.mjs";

const NODES = ["20", "22", "24", "26"];

const { values } = parseArgs({
  options: {
    here: { type: "boolean", default: false },
    node: { type: "string", default: NODES.join() },
    manager: { type: "string", default: MANAGERS.map(({ name }) => name).join() },
    packs: { type: "string" },
    tools: { type: "string", default: join(tmpdir(), "engraft-try-install-tools") },
  },
});

const work = mkdtempSync(join(tmpdir(), "engraft-try-install-"));
const registry = await serveRegistry(await tarballs());
const rows = [];
try {
  for (const [index, { node, manager, run }] of combinations().entries()) {
    const folder = join(work, String(index));
    mkdirSync(folder);
    console.error(`Node ${node}, ${manager.name}`);
    const row = await tryOne({ folder, registry, manager, run });
    console.error(row.log);
    rows.push({ node: row.node, manager: `${manager.name} (${row.version})`, ...row });
    rmSync(folder, { recursive: true, force: true });
  }
} finally {
  await registry.close();
  rmSync(work, { recursive: true, force: true });
}
console.log(table(rows));
const failed = rows.filter(({ failures }) => failures.length > 0);
for (const { node, manager, failures } of failed) {
  console.log(`\nNode ${node}, ${manager}:\n${failures.join("\n")}`);
}
console.log(`\n${rows.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function tarballs() {
  if (values.packs === undefined) {
    const { pack } = await import("../pack/pack.mjs");
    return (await pack(join(work, "packs"), { thisPlatform: values.here })).values();
  }
  const folder = resolve(values.packs);
  return readdirSync(folder).map((name) => join(folder, name));
}

/** Each Node with each package manager that supports it, and how that is run. */
function combinations() {
  if (values.here) {
    const manager = { ...MANAGERS[0], name: "npm" };
    const npm = execFileSync("npm", ["root", "--global"], { encoding: "utf8" }).trim();
    const program = join(npm, "npm/bin/npm-cli.js");
    return [{ node: "here", manager, run: { node: process.execPath, program } }];
  }
  const managers = MANAGERS.filter(({ name }) => values.manager.split(",").includes(name));
  return values.node.split(",").flatMap((node) =>
    managers
      .filter(({ oldestNode = 0 }) => Number(node) >= oldestNode)
      .map((manager) => ({
        node,
        manager,
        run: {
          node: fetchTool(values.tools, `node@${node}`, "node"),
          program: fetchTool(values.tools, manager.tool, manager.bin),
        },
      })),
  );
}

function table(results) {
  const lines = results.map(
    ({ node, manager, seconds, megabytes, runtime, failures }) =>
      `| ${node} | ${manager} | ${seconds} | ${megabytes} | ${runtime} | ${failures.length === 0 ? "yes" : "no"} |`,
  );
  return [
    "| Node | package manager | install, seconds | on disk, MB | runtime | works |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}
