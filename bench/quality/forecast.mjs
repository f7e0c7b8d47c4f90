// Whether the forecasts of learning curves hold: from n examples the error after 2n and 4n is forecast,
// and measured with heads that learned from so many others. All of it on the same test rows, which
// neither the forecasts nor the heads have seen.

import { join } from "node:path";
import { OpenBases } from "@engraft/tasks/internal";
import { readDataset } from "engraft";
import { loadMails } from "../../examples/dist/spam-filter/mails.js";
import {
  examplesForGain,
  forecastLearning,
} from "../../packages/core/dist/evaluate/curve/learning-curve.js";
import { evaluationPlan } from "../../packages/core/dist/evaluate/folds/folds.js";
import { stratifiedOrder } from "../../packages/core/dist/evaluate/folds/stratified-order.js";
import { gather } from "../../packages/core/dist/features/labelled-features.js";
import { thoseWithWeight } from "../../packages/core/dist/heads/onnx/head-graph.js";
import {
  fitViews,
  poolViews,
  predictViews,
  stackViews,
} from "../../packages/core/dist/heads/stack/stacked-head.js";
import { viewRecipes } from "../../packages/core/dist/heads/views/views.js";
import { rowOf, selectRows } from "../../packages/core/dist/math/matrix.js";
import { indexOfLargest } from "../../packages/core/dist/math/vector.js";
import { createRandom } from "../../packages/core/dist/random/random.js";
import { diskCaches } from "../../packages/engraft/dist/host/cache/disk-cache.js";
import { cacheFolder } from "../../packages/engraft/dist/host/cache/location.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import {
  learningSizes,
  measureSize,
  testedRows,
} from "../../packages/tasks/dist/study/learning-points.js";
import { mainViews } from "../../packages/tasks/dist/study/study.js";
import { extractDataset } from "../../packages/tasks/dist/train/data/extract-dataset.js";
import { groupExamples } from "../../packages/tasks/dist/train/data/group-examples.js";
import {
  fitCandidates,
  settingsOf,
} from "../../packages/tasks/dist/train/measure/cross-validate.js";
import { every, options, report } from "../lib.mjs";

/** What forecasts are made from, on how many draws, and how many rows they are tested on. */
const CORPORA = {
  mails: { n: 128, draws: 20, tested: 1500, others: 1500, read: readMails },
  banking77: { n: 770, draws: 8, tested: 3000, others: 3200, read: readBanking },
};
/** Heads that learned from other examples, to know the true error by: their mean. */
const HEADS = 4;
/** How many times the examples a forecast is asked about. */
const TIMES = [2, 4];
const GAIN = 0.01;

const { data: folder, limit } = options();
const platform = createNodeHost();
const base = await new OpenBases(platform).open("minilm-l6");
const recipes = viewRecipes(base.spec, "auto");
const [cases, details] = [{}, {}];
for (const [name, corpus] of Object.entries(CORPORA)) {
  const { figures, runs } = await test(corpus, limit ?? corpus.draws);
  details[name] = runs;
  for (const [key, figure] of Object.entries(figures))
    cases[`${name}, ${key}`] = { engraft: figure };
}
await platform.close();
report(cases, details);

async function test({ n, tested, others, read }, draws) {
  const data = await allLayers(await read(tested + others));
  const order = stratifiedOrder(rowsOf(data), data, createRandom(0).derive("test rows"));
  const test = order.slice(-tested).sort();
  const pool = order.slice(0, -tested).sort();
  const truths = new Map();
  const runs = [];
  for (let seed = 1; seed <= draws; seed++) {
    const curve = await forecastFrom(data, draw(data, pool, n, seed), seed);
    const key = curve.names.join();
    if (!truths.has(key)) truths.set(key, await measureTruth(data, pool, test, n, curve.names));
    runs.push(judge(curve, truths.get(key), n));
    console.error(`${seed}: ${JSON.stringify(runs.at(-1))}`);
  }
  return { runs, figures: summarise(runs) };
}

/** A learning curve and its forecast, as a report makes them. */
async function forecastFrom(all, rows, seed) {
  const data = part(all, rows);
  const random = createRandom(seed).derive("study");
  const fitting = fittingWith(random);
  const candidates = { recipes, baselines: [] };
  const fitted = await fitCandidates(data, rowsOf(data), candidates, fitting);
  const learner = mainViews({ recipes, chosen: thoseWithWeight(settingsOf(fitted)) }, data);
  const plan = evaluationPlan({ ...data, seed });
  const rowsTested = testedRows(plan);
  const measurements = [];
  for (const size of learningSizes(plan, data.classes)) {
    measurements.push(await measureSize(size, data, plan, rowsTested, learner, fitting));
  }
  const groups = gather(data.groups, rowsTested);
  const curve = forecastLearning(measurements, { groups, examples: rows.length, seed });
  return { ...curve, names: learner.chosen.map(({ name }) => name) };
}

/** The mean error of heads on these views that learned from n, 2n and 4n other examples. */
async function measureTruth(data, pool, test, n, names) {
  const chosen = recipes.filter(({ name }) => names.includes(name));
  const truth = new Map();
  for (const times of [1, ...TIMES]) {
    let sum = 0;
    for (let seed = 1; seed <= HEADS; seed++) {
      const rows = draw(data, pool, times * n, 1000 + seed);
      const fitting = fittingWith(createRandom(1000 + seed));
      const head = stackViews(await fitViews(data, rows, chosen, fitting), namesOf(chosen));
      const perView = await predictViews(head.views, data, test, platform.linearAlgebra);
      const predicted = poolViews(head, perView);
      const wrong = test.filter(
        (row, i) => indexOfLargest(rowOf(predicted, i)) !== data.targets[row],
      );
      sum += wrong.length / test.length;
    }
    truth.set(times, sum / HEADS);
    console.error(`true error of ${names} after ${times * n}: ${sum / HEADS}`);
  }
  return truth;
}

/** Whether what a curve says is so. */
function judge(curve, truth, n) {
  const points = TIMES.map((times) => {
    const { error, interval } = nearest(curve.forecast, times * n);
    const measured = truth.get(times);
    const holds = interval[0] <= measured && measured <= interval[1];
    return { times, error, interval, measured, holds };
  });
  return { points, backTest: curve.backTest, gain: judgeGain(curve, truth, n) };
}

/** "About 40 more labels": whether the true gain with the fewest and with the most of them is so. */
function judgeGain(curve, truth, n) {
  const more = examplesForGain(curve, GAIN);
  if (more === undefined) return undefined;
  const gained = (examples) => truth.get(1) - between(truth, n, examples);
  const [lower, upper] = more.interval;
  return { ...more, holds: gained(n + lower) <= GAIN && GAIN <= gained(n + upper) };
}

/** The true error after so many examples, on a straight line of logarithms between measured ones. */
function between(truth, n, examples) {
  const times = examples / n;
  const [from, to] = times <= TIMES[0] ? [1, TIMES[0]] : TIMES;
  const share = Math.log(times / from) / Math.log(to / from);
  return truth.get(from) ** (1 - share) * truth.get(to) ** share;
}

/** Shares of what holds; of gains, among those that are named at all. */
function summarise(runs) {
  const share = (values) => values.filter(Boolean).length / values.length;
  const tests = runs.flatMap(({ backTest }) => backTest ?? []);
  const gains = runs.flatMap(({ gain }) => gain ?? []);
  return {
    "twice as many": share(runs.map(({ points }) => points[0].holds)),
    "four times as many": share(runs.map(({ points }) => points[1].holds)),
    "back-test": share(tests.map(({ holds }) => holds)),
    // A promise that is never made is never broken.
    gain: gains.length === 0 ? 1 : share(gains.map(({ holds }) => holds)),
  };
}

function nearest(forecast, examples) {
  return forecast.reduce((a, b) =>
    Math.abs(Math.log(b.examples / examples)) < Math.abs(Math.log(a.examples / examples)) ? b : a,
  );
}

async function allLayers(dataset) {
  const openCache = diskCaches(cacheFolder(), { base: base.spec.id }, () => {});
  const read = await extractDataset(base, dataset, platform, { openCache, skipBad: false });
  const { groups } = await groupExamples(read, base.spec, platform, createRandom(0));
  return { ...read.examples, groups };
}

/** Some examples as a data set of their own. */
function part({ table, texts, targets, classes, groups }, rows) {
  return {
    table: { columns: table.columns, matrix: selectRows(table.matrix, rows) },
    texts: Array.from(rows, (row) => texts[row]),
    targets: gather(targets, rows),
    classes,
    groups: gather(groups, rows),
  };
}

function draw(data, pool, count, seed) {
  const random = createRandom(seed).derive("draw");
  return stratifiedOrder(pool, data, random).slice(0, count).sort();
}

function fittingWith(random) {
  return { linearAlgebra: platform.linearAlgebra, random, classWeights: "none" };
}

function rowsOf({ targets }) {
  return Int32Array.from(targets.keys());
}

function namesOf(views) {
  return new Set(views.map(({ name }) => name));
}

async function readMails(count) {
  const mails = every(await loadMails(), count).slice(0, count);
  const train = mails.map(({ text, label, source }) => ({
    source,
    input: { kind: "text", text },
    target: { kind: "single", label },
  }));
  return { modality: "text", labels: ["ham", "spam"], splits: { train }, skipped: [] };
}

async function readBanking(count) {
  const [first, second] = await Promise.all(
    ["train", "test"].map((name) => readDataset(join(folder, "banking77", `${name}.csv`))),
  );
  const all = [...first.splits.train, ...second.splits.train];
  return { ...first, splits: { train: every(all, count).slice(0, 2 * count) } };
}
