// The stack of labels alone beside the best of its views, with few labels, and how often it collapses. The
// layers are read once; every draw fits its views and its stack, without the nested evaluation of `train`.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createRandom } from "@engraft/core";
import { OpenBases } from "@engraft/tasks/internal";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";
import { poolViews, predictViews } from "../../packages/core/dist/heads/stack/stacked-head.js";
import { viewRecipes } from "../../packages/core/dist/heads/views/views.js";
import { rowOf } from "../../packages/core/dist/math/matrix.js";
import { indexOfLargest } from "../../packages/core/dist/math/vector.js";
import { diskCaches } from "../../packages/engraft/dist/host/cache/disk-cache.js";
import { cacheFolder } from "../../packages/engraft/dist/host/cache/location.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { readInputs } from "../../packages/tasks/dist/train/data/extract-dataset.js";
import { fitCandidates } from "../../packages/tasks/dist/train/measure/cross-validate.js";
import { every, onSomeIntents, options, readQuestions, report, SEEDS } from "../lib.mjs";

/** Labels of each class; with so many, draws are compared with the best view. */
const LABELS = [2, 4, 8, 16, 32];
/** Draws of each set with 2 to 8 labels, by turns, in which a stack may collapse. */
const FEW_DRAWS = 50;
/** Test rows by which it is seen whether a stack has one answer. */
const ASKED = 100;

const { data: folder, limit } = options();
const platform = createNodeHost();
const bases = new OpenBases(platform);
const cases = {};
const details = {};
const collapsed = [];
let draws = 0;
for (const [name, read] of Object.entries({ mails, questions, photos, topics })) {
  const set = await readSet(await read());
  details[name] = {};
  for (const k of LABELS) {
    const measured = [];
    for (const seed of limit === undefined ? SEEDS : [1]) {
      measured.push(await measure(set, k, createRandom(seed).derive(`${k} labels`), set.tested));
    }
    const best = bestView(measured);
    details[name][k] = { best, draws: measured.map(({ stack, views }) => ({ stack, views })) };
    cases[`${name}, ${k} a label`] = {
      "stack less best view": measured.map(({ stack, views }) => stack - views[best]),
    };
    console.error(`${name} ${k} ${best} ${JSON.stringify(cases[`${name}, ${k} a label`])}`);
  }
  for (let draw = 0; draw < (limit === undefined ? FEW_DRAWS : 3); draw++) {
    const k = LABELS[draw % 3];
    const random = createRandom(draw).derive("collapse");
    const { weights, answers } = await measure(set, k, random, every(set.tested, ASKED));
    draws += 1;
    if (weights.every((weight) => weight === 0) || answers === 1) {
      collapsed.push({ name, k, draw, weights, answers });
    }
  }
}
await platform.close();
cases["collapsed stacks"] = { stack: [collapsed.length] };
report(cases, { ...details, collapsed, draws });

/** The view that is right most often, over all draws. */
function bestView(measured) {
  const names = Object.keys(measured[0].views);
  const sums = names.map((name) => measured.reduce((sum, { views }) => sum + views[name], 0));
  return names[indexOfLargest(sums)];
}

/** Accuracy of a stack and of each of its views on some test rows, from `k` labels of each class. */
async function measure(set, k, random, tested) {
  const seen = new Map();
  const order = random.shuffle([...Array(set.trained).keys()]);
  const rows = order.filter((row) => {
    const count = (seen.get(set.data.targets[row]) ?? 0) + 1;
    seen.set(set.data.targets[row], count);
    return count <= k;
  });
  const { linearAlgebra } = platform;
  const candidates = { recipes: set.recipes, baselines: [] };
  const fitting = { linearAlgebra, random: random.derive("fit"), classWeights: "none" };
  const { head } = await fitCandidates(set.data, Int32Array.from(rows).sort(), candidates, fitting);
  const perView = await predictViews(head.views, set.data, tested, linearAlgebra);
  const pooled = answersOf(poolViews(head, perView));
  const accuracy = (answers) =>
    answers.filter((answer, at) => answer === set.data.targets[tested[at]]).length / answers.length;
  return {
    stack: accuracy(pooled),
    views: Object.fromEntries(
      Array.from(perView, ([name, said]) => [name, accuracy(answersOf(said))]),
    ),
    weights: [...head.weights],
    answers: new Set(pooled).size,
  };
}

function answersOf(logProbabilities) {
  return Array.from({ length: logProbabilities.rows }, (_, row) =>
    indexOfLargest(rowOf(logProbabilities, row)),
  );
}

/** A set with its layers: first the rows to draw from, then those to test on. */
async function readSet({ rows, test, base: name }) {
  const base = await bases.open(name);
  const all = [...rows, ...test];
  const openCache = diskCaches(cacheFolder(), { base: base.spec.id }, () => {});
  const items = all.map(({ input }, row) => ({ source: String(row), input }));
  const { table } = await readInputs(base, items, platform, { openCache, skipBad: false });
  const labels = [...new Set(all.map(({ label }) => label))].sort((a, b) => (a < b ? -1 : 1));
  return {
    recipes: viewRecipes(base.spec, "auto"),
    trained: rows.length,
    tested: Int32Array.from(test, (_, i) => rows.length + i),
    data: {
      table,
      texts: base.spec.modality === "text" ? all.map(({ input }) => input.text) : undefined,
      targets: Int32Array.from(all, ({ label }) => labels.indexOf(label)),
      classes: labels.length,
      groups: Int32Array.from(all.keys()),
    },
  };
}

async function mails() {
  const all = (await loadMails()).map(({ text, label }) => ({
    input: { kind: "text", text },
    label,
  }));
  const { drawn: test, rest } = sample(all, 350, 1);
  return { rows: every(rest, limit ?? 1500), test: every(test, limit), base: "minilm-l6" };
}

async function questions() {
  const [rows, test] = onSomeIntents(await readRows("train"), await readRows("test"));
  return { rows: every(rows, limit), test: every(test, limit), base: "minilm-l6" };
}

async function readRows(name) {
  const { splits } = await readQuestions(folder, name);
  return splits.train.map(({ input, target }) => ({ input, label: target.label }));
}

/** Sentences in English on 7 topics; tested on the two other parts. */
async function topics() {
  const [rows, ...others] = ["train", "dev", "test"].map((split) =>
    readFileSync(join(folder, "sib200", "eng_Latn", `${split}.tsv`), "utf8")
      .split("\n")
      .slice(1)
      .filter((line) => line !== "")
      .map((line) => line.split("\t"))
      .map(([, label, text]) => ({ input: { kind: "text", text }, label })),
  );
  return { rows: every(rows, limit), test: every(others.flat(), limit), base: "minilm-l6" };
}

async function photos() {
  return { rows: listPhotos("train"), test: listPhotos("val"), base: "efficientnet-lite0" };
}

function listPhotos(split) {
  return ["ants", "bees"].flatMap((label) => {
    const place = resolve(folder, "hymenoptera", split, label);
    const names = readdirSync(place).filter((name) => name.endsWith(".jpg"));
    return names.sort().map((name) => ({ input: platform.data.image(join(place, name)), label }));
  });
}
