// Feeds damaged files to what reads files: npm run fuzz -- <target|all> [--seconds N] [--seed N]
//
// Coverage-guided: inputs that reach new code of ours are changed further. A finding is an error that
// is not an EngraftError, an input that takes more than 10 s, or a process of more than 2 GB. Each is
// written to fuzz/findings/, and the command fails. Once it is mended, the file goes to
// fuzz/corpus/<target>/, which every run begins with.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";

const TARGETS = ["onnx", "model", "parquet", "tables", "images"];
const SLOWEST = 10_000;
const MEMORY = 2e9;
/** Largest input: see `mutate`. */
const LARGEST = 1 << 20;
const root = fileURLToPath(new URL(".", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const [wanted = "all"] = positionals;
const names = wanted === "all" ? TARGETS : [wanted];
const seconds = Number(values.seconds) / names.length;
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
if (!TARGETS.includes(names[0]) || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error(`Usage: npm run fuzz -- <${TARGETS.join("|")}|all> [--seconds N] [--seed N]`);
  process.exit(2);
}

let findings = 0;
for (const name of names) findings += await fuzz(name);
process.exit(findings > 0 ? 1 : 0);

/** Fuzzes a target; returns the number of findings of different kinds. */
async function fuzz(name) {
  console.log(`${name}: seed ${seed}, ${seconds} s`);
  const corpus = await corpusOf(name);
  const end = Date.now() + 1000 * seconds;
  const kinds = new Map();
  let [runs, reached] = [0, 0];
  for (let start = 0; Date.now() < end; start++) {
    const done = await runWorker(
      { name, corpus, seed: seed + start, started: start > 0 },
      end,
      (found) => note(name, found, kinds),
    );
    runs += done.runs;
    reached = Math.max(reached, done.reached);
  }
  console.log(`${name}: ${runs} inputs, ${reached} ranges of code, ${kinds.size} findings`);
  return kinds.size;
}

/** Runs a thread until it ends, hangs, or the time is over. */
function runWorker(data, end, onFinding) {
  const current = new SharedArrayBuffer(LARGEST);
  const counters = new Float64Array(new SharedArrayBuffer(32));
  const worker = new Worker(new URL("./worker.mjs", import.meta.url), {
    workerData: { ...data, current, counters: counters.buffer, memory: MEMORY },
    resourceLimits: { maxOldGenerationSizeMb: 1500 },
    stderr: true,
  });
  const input = () => new Uint8Array(current).slice(0, counters[1]);
  const written = [];
  return new Promise((resolve) => {
    const finish = () => {
      clearInterval(watch);
      resolve(
        Promise.all([worker.terminate(), ...written]).then(() => {
          return { runs: counters[0], reached: counters[3] };
        }),
      );
    };
    const find = (found) => written.push(onFinding(found));
    const watch = setInterval(() => {
      const taken = counters[2] === 0 ? 0 : Date.now() - counters[2];
      if (taken > SLOWEST) find({ input: input(), what: `hang: more than ${SLOWEST / 1000} s` });
      if (taken > SLOWEST || Date.now() > end) finish();
    }, 200);
    worker.on("message", (found) => {
      find(found);
      if (found.what.startsWith("memory")) finish();
    });
    worker.on("error", (error) => {
      find({ input: input(), what: error.stack ?? String(error) });
      finish();
    });
  });
}

/** Writes a finding of a new kind. */
async function note(name, { input, what }, kinds) {
  const kind = what.split("\n").slice(0, 2).join(" ").replace(/\d+/g, "N");
  if (kinds.has(kind)) return;
  kinds.set(kind, what);
  const digest = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const file = join(root, "findings", `${name}-${digest}`);
  await mkdir(join(root, "findings"), { recursive: true });
  await writeFile(file, input);
  console.log(`finding in ${file} (${input.length} bytes):\n${what}`);
}

async function corpusOf(name) {
  const folder = join(root, "corpus", name);
  const files = await readdir(folder).catch(() => []);
  return Promise.all(
    [...files].sort((a, b) => (a < b ? -1 : 1)).map((file) => readFile(join(folder, file))),
  );
}
