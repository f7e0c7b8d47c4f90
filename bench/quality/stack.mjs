// The stack of labels alone beside the best of its views, with few labels, and how often it collapses. The
// layers are read once; every draw fits its views and its stack, without the nested evaluation of `train`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@engraft/core";
import { poolViews, predictViews } from "../../packages/core/dist/heads/stack/stacked-head.js";
import { rowOf } from "../../packages/core/dist/math/matrix.js";
import { indexOfLargest } from "../../packages/core/dist/math/vector.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { fitCandidates } from "../../packages/tasks/dist/train/measure/cross-validate.js";
import { every, options, report, SEEDS } from "../lib.mjs";
import { openSets } from "./sets.mjs";

/** Labels of each class; with so many, draws are compared with the best view. */
const LABELS = [2, 4, 8, 16, 32];
/** Draws of each set with 2 to 8 labels, by turns, in which a stack may collapse. */
const FEW_DRAWS = 50;
/** Test rows by which it is seen whether a stack has one answer. */
const ASKED = 100;

const { data: folder, limit } = options();
const platform = createNodeHost();
const { mails, questions, photos, readSet } = openSets(platform, folder, limit);
const sets = { mails: () => mails(1500), questions, photos, topics };
const cases = {};
const details = {};
const collapsed = [];
let draws = 0;
for (const [name, read] of Object.entries(sets)) {
  const set = withGroups(await readSet(await read()));
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
  const order = random.shuffle([...Array(set.drawable).keys()]);
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

/** Every row a group of its own, as heads are fitted to. */
function withGroups({ table, texts, targets, classes, ...set }) {
  const groups = Int32Array.from(targets.keys());
  return { ...set, data: { table, texts, targets, classes, groups } };
}

function answersOf(logProbabilities) {
  return Array.from({ length: logProbabilities.rows }, (_, row) =>
    indexOfLargest(rowOf(logProbabilities, row)),
  );
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
