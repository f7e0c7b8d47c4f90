// What the Node sides share: options, draws, timing, and the line that they print.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "@engraft/core";
import { readDataset } from "engraft";

const PACKAGES = ["engraft", "onnxruntime-node"];

/** Seeds of the draws. */
export const SEEDS = [1, 2, 3, 4, 5];

/** The options that the runner gives to every script. */
export function options() {
  const { values } = parseArgs({
    options: { data: { type: "string" }, work: { type: "string" }, limit: { type: "string" } },
  });
  const { data, work, limit } = values;
  if (!data || !work) throw new Error("Give --data and --work, as bench/run.mjs does.");
  return { data, work, limit: limit === undefined ? undefined : Number(limit) };
}

/** Prints the result: the figure, or a list of them, by case and method. */
export function report(cases, details = {}) {
  const require = createRequire(import.meta.resolve("engraft"));
  const versions = Object.fromEntries(PACKAGES.map((name) => [name, versionOf(require, name)]));
  console.log(
    JSON.stringify({ cases, details, versions: { node: process.versions.node, ...versions } }),
  );
}

function versionOf(require, name) {
  return JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")).version;
}

/** Seconds since the runner started this process: imports count. */
export function secondsSinceStart() {
  return (Date.now() - 1000 * Number(process.env.ENGRAFT_BENCH_STARTED)) / 1000;
}

/** Seconds that some work takes. */
export async function seconds(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** About `limit` of the items, evenly spaced; all of them without a limit. */
export function every(items, limit = items.length) {
  const step = Math.max(1, Math.floor(items.length / limit));
  return items.filter((_, index) => index % step === 0);
}

/** Questions of Banking77 from `train.csv` or `test.csv`, all of them in the split `train`. */
export async function readQuestions(data, name, limit) {
  const dataset = await readDataset(join(data, "banking77", `${name}.csv`));
  return { ...dataset, splits: { train: every(dataset.splits.train, limit) } };
}

/** The intents of Banking77 that stand for a task of some classes; drawn once. */
const INTENTS = 25;

/** Keeps the questions on 25 intents of Banking77, the same in every bench. */
export function onSomeIntents(train, test) {
  const labels = [...new Set(train.map(({ label }) => label))];
  const chosen = new Set(createRandom(5).shuffle(labels).slice(0, INTENTS));
  return [train, test].map((rows) => rows.filter(({ label }) => chosen.has(label)));
}

/** Stores one draw, `train` and mostly `test`, for both sides to read; returns its folder. */
export function writeDraw(work, name, seed, splits) {
  const folder = join(work, "draws", name, String(seed));
  mkdirSync(folder, { recursive: true });
  for (const [split, rows] of Object.entries(splits)) {
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(join(folder, `${split}.jsonl`), lines.join(""));
  }
  return folder;
}

/** Stores the rows of a draw that have no label, beside the draws. */
export function writePool(work, name, seed, rows) {
  const file = poolOf(work, name, seed);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** Where the rows of a draw are that have no label. */
export function poolOf(work, name, seed) {
  return join(work, "pools", name, `${seed}.jsonl`);
}

/** The result of some work: what an earlier run stored in this file of the bench, or computed now. */
export async function remember(file, compute) {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const result = await compute();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(result));
  return result;
}

/** The stored draws, in the order of their names and seeds. */
export function listDraws(work) {
  const root = join(work, "draws");
  return readdirSync(root).flatMap((name) =>
    readdirSync(join(root, name)).map((seed) => ({
      name,
      seed: Number(seed),
      folder: join(root, name, seed),
    })),
  );
}
