// Runs benches, Engraft and Python by turns, and writes the table. See README.md.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BENCHES } from "./benches.mjs";
import { formatTable } from "./table.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const RESULTS = join(HERE, "results");
const PAGE = join(HERE, "../docs/benchmarks.md");
const [BEGIN, END] = ["<!-- table -->", "<!-- end of table -->"];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string" },
    python: { type: "string", default: join(HERE, ".venv/bin/python") },
    data: { type: "string", default: process.env.ENGRAFT_BENCH_DATA },
    limit: { type: "string" },
    work: { type: "string" },
    table: { type: "boolean", default: false },
  },
});
if (!options.data && !options.table) {
  console.error("Say where the data sets are: --data <folder>, or ENGRAFT_BENCH_DATA.");
  process.exit(2);
}

const results = readResults();
if (options.table) writeTable();
for (const bench of options.table ? [] : chosenBenches()) {
  const result = await measure(bench);
  results.set(bench.name, result);
  console.log(`\n${formatTable(new Map([[bench.name, result]]))}\n`);
  if (options.limit === undefined) store(bench.name, result);
}

function chosenBenches() {
  const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length === 0) {
    return BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  }
  const names = BENCHES.map(({ name }) => name).join(", ");
  console.error(`There is no bench ${unknown.join(", ")}. Benches: ${names}.`);
  process.exit(2);
}

/** All runs of a bench: every figure by case, side and method. */
async function measure(bench) {
  const work = openWork(bench);
  const sides = ["engraft", "python"].filter((side) => bench[side] !== undefined);
  const cases = {};
  const versions = {};
  const details = Object.fromEntries(sides.map((side) => [side, []]));
  try {
    if (bench.prepare && readdirSync(work).length === 0) await runScript(bench.prepare, work);
    for (let run = 1; run <= Number(options.runs ?? bench.runs); run++) {
      for (const side of sides) {
        console.error(`${bench.name}, run ${run}: ${bench[side]}`);
        const output = JSON.parse((await runScript(bench[side], work)).trim().split("\n").at(-1));
        collect(cases, side, output.cases);
        details[side].push(output.details);
        Object.assign(versions, output.versions);
      }
    }
  } finally {
    if (options.work === undefined) rmSync(work, { recursive: true, force: true });
  }
  const [cpu] = cpus();
  const machine = { cpu: cpu.model, cores: cpus().length, system: process.platform };
  const date = new Date().toISOString().slice(0, 10);
  return { date, machine, versions, cases, details };
}

/** A folder for the files of a bench; one that is kept may hold those of a run that was stopped. */
function openWork({ name }) {
  if (options.work === undefined) return mkdtempSync(join(tmpdir(), "engraft-bench-"));
  const work = resolve(options.work, name);
  mkdirSync(work, { recursive: true });
  return work;
}

function collect(cases, side, measured) {
  for (const [name, methods] of Object.entries(measured)) {
    cases[name] ??= {};
    cases[name][side] ??= {};
    for (const [method, figures] of Object.entries(methods)) {
      cases[name][side][method] = (cases[name][side][method] ?? []).concat(figures);
    }
  }
}

/** Runs a script and returns what it printed. */
async function runScript(script, work) {
  const program = script.endsWith(".py") ? options.python : process.execPath;
  const args = [join(HERE, script), "--data", options.data, "--work", work];
  if (options.limit !== undefined) args.push("--limit", options.limit);
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ENGRAFT_CACHE: join(work, "cache"),
      ENGRAFT_BENCH_STARTED: String(Date.now() / 1000),
      HF_HUB_OFFLINE: "1",
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  let output = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) output += chunk;
  const code = await ended;
  if (code !== 0) throw new Error(`${script} ended with exit code ${code}.`);
  return output;
}

function readResults() {
  mkdirSync(RESULTS, { recursive: true });
  const names = readdirSync(RESULTS).filter((name) => name.endsWith(".json"));
  return new Map(
    names.map((name) => [
      name.slice(0, -".json".length),
      JSON.parse(readFileSync(join(RESULTS, name), "utf8")),
    ]),
  );
}

/** Stores a result, and the table of all results so far. */
function store(name, result) {
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
  writeTable();
}

/** Writes the table of all stored results into the page. */
function writeTable() {
  const page = readFileSync(PAGE, "utf8");
  const [before, after] = [page.split(BEGIN)[0], page.split(END)[1]];
  const text = `${formatTable(results)}\n\n${describeSetting()}`;
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
}

function describeSetting() {
  const machines = new Set();
  const versions = {};
  for (const { machine, versions: used } of results.values()) {
    machines.add(`${machine.cpu}, ${machine.cores} cores, ${machine.system}`);
    Object.assign(versions, used);
  }
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Measured on ${[...machines].join("; ")}, with ${list.join(", ")}.`;
}
