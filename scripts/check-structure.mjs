// Checks that imports follow the structure that docs/architecture.md describes:
//   - packages, and the rooms inside them, import only what stands before them in the pipeline;
//   - no file is part of an import cycle (type imports count);
//   - libraries that are wrapped are imported in one place only;
//   - the browser-safe packages import nothing of Node;
//   - every package of the lockfile has a digest, and none the address of a registry.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What each package may import of the others. */
const PACKAGES = {
  onnx: [],
  autodiff: ["@engraft/onnx"],
  core: ["@engraft/onnx", "@engraft/autodiff"],
  data: ["@engraft/core"],
  tasks: ["@engraft/onnx", "@engraft/autodiff", "@engraft/core", "@engraft/data"],
  report: ["@engraft/core", "@engraft/tasks"],
  client: [],
  engraft: [
    "@engraft/onnx",
    "@engraft/autodiff",
    "@engraft/core",
    "@engraft/data",
    "@engraft/tasks",
    "@engraft/report",
    "@engraft/client",
  ],
  web: ["@engraft/onnx", "@engraft/core", "@engraft/data", "@engraft/tasks", "@engraft/report"],
};

/** The only package that may import Node. */
const NODE = "engraft";

/** Folders in the order of the pipeline: each may import those before it. Files beside them may import all. */
const ROOMS = {
  "packages/onnx/src/passes": ["edit", "fold", "weights"],
  "packages/autodiff/src/rules": [
    "shapes",
    "elementwise",
    "reduction",
    "matrices",
    "windows",
    "convolution",
    "normalization",
  ],
  "packages/core/src": [
    "codec",
    "escape",
    "math",
    "random",
    "runtime",
    "preprocess",
    "augment",
    "dataset",
    "bases",
    "layers",
    "model",
    "features",
    "evaluate",
    "heads",
    "labelling",
    "outliers",
    "train",
    "finetune",
    "workers",
  ],
  "packages/core/src/preprocess": ["image", "text"],
  "packages/core/src/model": ["weights", "graph", "edit"],
  "packages/core/src/evaluate": ["groups", "folds", "metrics", "labels", "curve"],
  "packages/core/src/heads": [
    "words",
    "logistic",
    "pool",
    "distance",
    "names",
    "views",
    "stack",
    "unlabelled",
    "onnx",
  ],
  "packages/core/src/train": [
    "losses",
    "optimizers",
    "settings",
    "step",
    "feed",
    "loop",
    "model",
    "logs",
  ],
  "packages/data/src": [
    "source",
    "cells",
    "text",
    "formats",
    "images",
    "layout",
    "read",
    "relabel",
  ],
  "packages/report/src": ["data", "html", "charts", "sections"],
  "packages/engraft/src": ["host", "models", "serving", "http", "cli"],
  "packages/engraft/src/host": [
    "files",
    "image",
    "runtime",
    "workers",
    "cache",
    "tasks",
    "data",
    "doctor",
  ],
  "packages/engraft/src/cli": ["terminal", "options", "commands"],
  "packages/engraft/src/cli/commands": ["task", "labels", "model", "machine"],
  "packages/engraft/src/serving": ["metrics", "inputs", "queue", "tasks"],
  "packages/engraft/src/http": ["body", "middlewares", "schemas", "routes"],
  "packages/web/src": ["host", "protocol", "engine", "page", "ui", "element", "task-page"],
  "packages/web/src/host": [
    "net",
    "runtime",
    "storage",
    "bases",
    "image",
    "data",
    "files",
    "cache",
    "tasks",
  ],
  "packages/core/src/workers": ["rpc", "compute", "training"],
  "packages/onnx/src/infer/rules": [
    "elementwise",
    "normalization",
    "shapes",
    "windows",
    "matrices",
  ],
  "packages/autodiff/src/gradcheck/cases": ["elementwise", "reduction", "shapes", "windows"],
  "packages/tasks/src/format": ["manifest", "files"],
  "packages/tasks/src/train": ["data", "measure", "tuning"],
  "packages/report/src/sections": ["quality", "examples", "training"],
  "packages/tasks/src": [
    "format",
    "bases",
    "sources",
    "models",
    "predict",
    "train",
    "evaluate",
    "study",
    "label",
    "extend",
    "export",
    "report",
    "page",
    "actions",
  ],
};

/** Libraries and the only place that may import each. */
const WRAPPED = [
  [/^(onnx-buf|@bufbuild\/protobuf)/, /^packages\/onnx\/src\/codec\//],
  [/^onnxruntime-/, /^packages\/((engraft|web)\/src\/host\/runtime|autodiff\/src\/gradcheck)\//],
  [/^@huggingface\/tokenizers/, /^packages\/core\/src\/preprocess\/text\//],
  [/^image-size$/, /^packages\/web\/src\/host\/image\//],
  [/^sharp$/, /^packages\/engraft\/src\/host\//],
  [/^commander|^@commander-js/, /^packages\/engraft\/src\/cli\//],
  [/^fastify|^@fastify\/|^node:http$/, /^packages\/engraft\/src\/http\//],
];

const problems = [];
const files = Object.keys(PACKAGES).flatMap((name) => sources(join(ROOT, "packages", name, "src")));
const importsOf = new Map(files.map((file) => [file, readImports(file)]));

for (const [file, imports] of importsOf) {
  for (const specifier of imports) checkImport(file, specifier);
}
checkCycles();
checkLockfile();

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`Structure: ${files.length} files, no forbidden import, no cycle.`);

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /(?<!\.test|\.d)\.ts$/.test(entry.name) ? [path] : [];
  });
}

function readImports(file) {
  const text = readFileSync(file, "utf8");
  const pattern = /\bfrom\s+"([^"]+)"|\bimport\s*\(\s*"([^"]+)"\s*\)|^import\s+"([^"]+)"/gm;
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups.find(Boolean));
}

function checkImport(file, specifier) {
  const path = relative(ROOT, file);
  const [, owner] = path.split("/");
  const report = (why) => problems.push(`${path} imports ${specifier}: ${why}`);
  if (specifier.startsWith("@engraft/") && !specifier.startsWith("@engraft/model-")) {
    const [scope, name] = specifier.split("/");
    if (!PACKAGES[owner].includes(`${scope}/${name}`)) report(`${owner} may not depend on it`);
  }
  if (owner !== NODE && specifier.startsWith("node:")) report(`${owner} is neutral`);
  for (const [library, place] of WRAPPED) {
    if (library.test(specifier) && !place.test(path)) report(`only ${place.source} may`);
  }
  if (specifier.startsWith(".")) checkRooms(path, specifier, report);
}

function checkRooms(path, specifier, report) {
  const target = relative(ROOT, resolve(ROOT, dirname(path), specifier));
  for (const [folder, order] of Object.entries(ROOMS)) {
    const from = roomOf(path, folder);
    const to = roomOf(target, folder);
    if (from === undefined || to === undefined) continue;
    for (const room of [from, to]) {
      if (!order.includes(room)) problems.push(`${folder}/${room} has no place in the order`);
    }
    if (order.indexOf(to) > order.indexOf(from)) report(`${to}/ stands after ${from}/`);
  }
}

/** The room of a file below a folder; undefined for other files and for those beside the rooms. */
function roomOf(path, folder) {
  if (!path.startsWith(`${folder}/`)) return undefined;
  const [room, ...rest] = path.slice(folder.length + 1).split("/");
  return rest.length === 0 ? undefined : room;
}

/** Depth-first search with an explicit stack; a file met again on its own path closes a cycle. */
function checkCycles() {
  const finished = new Set();
  for (const start of files) {
    const path = [];
    const stack = [{ file: start, entered: false }];
    while (stack.length > 0) {
      const top = stack.at(-1);
      if (top.entered) {
        stack.pop();
        finished.add(path.pop());
        continue;
      }
      top.entered = true;
      if (finished.has(top.file) || path.includes(top.file)) {
        stack.pop();
        continue;
      }
      path.push(top.file);
      for (const next of neighbours(top.file)) {
        const at = path.indexOf(next);
        if (at >= 0) reportCycle([...path.slice(at), next]);
        else stack.push({ file: next, entered: false });
      }
    }
  }
}

function checkLockfile() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  for (const [path, { link, integrity, resolved }] of Object.entries(packages)) {
    if (!path.startsWith("node_modules/") || link) continue;
    const report = (what) => problems.push(`package-lock.json: ${path} has ${what}`);
    if (!integrity) report("no digest: run node scripts/complete-lockfile.mjs");
    if (resolved) report("the address of a registry: install with the .npmrc of this folder");
  }
}

function neighbours(file) {
  return importsOf
    .get(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => resolve(dirname(file), specifier.replace(/\.js$/, ".ts")))
    .filter((path) => importsOf.has(path));
}

function reportCycle(cycle) {
  problems.push(`import cycle: ${cycle.map((file) => relative(ROOT, file)).join(" -> ")}`);
}
