// Labels the inputs that `suggest` chooses, batch by batch, and random ones, from the same unlabelled
// rows; a head is fitted to the labels so far, those with one example included, and measured on test
// rows that are in neither.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createRandom } from "@engraft/core";
import { OpenBases } from "@engraft/tasks/internal";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";
import { poolViews, predictViews } from "../../packages/core/dist/heads/stack/stacked-head.js";
import { embeddingsOf } from "../../packages/core/dist/heads/views/embeddings.js";
import { viewRecipes } from "../../packages/core/dist/heads/views/views.js";
import { chooseToLabel } from "../../packages/core/dist/labelling/uncertain-rows.js";
import { rowOf, selectRows } from "../../packages/core/dist/math/matrix.js";
import { indexOfLargest } from "../../packages/core/dist/math/vector.js";
import { diskCaches } from "../../packages/engraft/dist/host/cache/disk-cache.js";
import { cacheFolder } from "../../packages/engraft/dist/host/cache/location.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { chooseTypicalRows } from "../../packages/tasks/dist/label/typical.js";
import { readInputs } from "../../packages/tasks/dist/train/data/extract-dataset.js";
import { fitCandidates } from "../../packages/tasks/dist/train/measure/cross-validate.js";
import { every, onSomeIntents, options, readQuestions, report, SEEDS } from "../lib.mjs";

/** Unlabelled rows of a draw. */
const POOL = 1200;
/** Numbers of labels after each batch. */
const LABELS = [8, 16, 32, 50, 64, 128];
/** With fewer examples of a label on average, `suggest` chooses by clusters. */
const FEW_LABELS = 4;

const { data: folder, limit } = options();
const platform = createNodeHost();
const bases = new OpenBases(platform);
const cases = {};
const details = {};
for (const [name, read] of Object.entries({ mails, questions, photos })) {
  const set = await readSet(await read());
  const seeds = limit === undefined ? SEEDS : SEEDS.slice(0, 1);
  const draws = [];
  for (const seed of seeds) {
    const pool = drawPool(set, seed);
    const random = await follow(set, pool, (labelled, count) => drawn(pool, labelled, count, seed));
    const suggested = await follow(set, pool, (labelled, count) =>
      suggest(set, pool, labelled, count, seed),
    );
    draws.push({ seed, random, suggested });
    console.error(`${name} ${JSON.stringify(draws.at(-1))}`);
  }
  details[name] = { labels: LABELS, draws, gains: LABELS.map((_, at) => gain(draws, at)) };
  LABELS.forEach((labels, at) => {
    cases[`${name}, ${labels}`] = { suggest: draws.map(({ suggested }) => suggested[at]) };
    cases[`${name}, ${labels}, random`] = { random: draws.map(({ random }) => random[at]) };
  });
}
await platform.close();
report(cases, details);

/** Mean of the paired differences, and its standard error. */
function gain(draws, at) {
  const differences = draws.map(({ random, suggested }) => suggested[at] - random[at]);
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const n = differences.length;
  return { mean, standardError: Math.sqrt(squares / (n * Math.max(1, n - 1))) };
}

/** Labels batch by batch what is chosen; the accuracy after each batch. */
async function follow(set, pool, choose) {
  const labelled = [];
  const accuracies = [];
  for (const labels of LABELS) {
    labelled.push(...(await choose(labelled, labels - labelled.length)));
    const rows = Int32Array.from(labelled, (at) => pool[at]);
    const { predicted, classes } = await fitAndAsk(set, rows, set.tested);
    const right = set.tested.filter(
      (row, i) => classes[indexOfLargest(rowOf(predicted, i))] === set.targets[row],
    );
    accuracies.push(right.length / set.tested.length);
  }
  return accuracies;
}

function drawn(pool, labelled, count, seed) {
  const left = [...pool.keys()].filter((at) => !labelled.includes(at));
  return createRandom(seed).derive(`after ${labelled.length}`).shuffle(left).slice(0, count);
}

/** What `suggest` does: by clusters first, then where a task on the labels so far is uncertain. */
async function suggest(set, pool, labelled, count, seed) {
  const embeddings = selectRows(set.embeddings, pool);
  const known = new Set(labelled.map((at) => set.targets[pool[at]]));
  if (known.size < 2 || labelled.length < FEW_LABELS * known.size) {
    const { chosen } = await chooseTypicalRows({
      embeddings,
      contents: Array.from(pool, String),
      isLabelled: Uint8Array.from(pool, (_, at) => Number(labelled.includes(at))),
      modality: set.modality,
      count,
      linearAlgebra: platform.linearAlgebra,
      random: createRandom(seed).derive("suggest"),
    });
    return chosen.map(({ row }) => row);
  }
  const left = Int32Array.from(pool.keys()).filter((at) => !labelled.includes(at));
  const rows = Int32Array.from(labelled, (at) => pool[at]);
  const asked = left.map((at) => pool[at]);
  const { predicted } = await fitAndAsk(set, rows, asked);
  return chooseToLabel(predicted, selectRows(embeddings, left), count).map(({ row }) => left[row]);
}

/** Fits a head to some rows, and asks it about others: log-probabilities of the classes among the rows. */
async function fitAndAsk(set, rows, asked) {
  const classes = [...new Set(rows.map((row) => set.targets[row]))].sort((a, b) => a - b);
  if (classes.length < 2) {
    const data = new Float64Array(asked.length);
    return { classes, predicted: { rows: asked.length, cols: 1, data } };
  }
  const all = Int32Array.from([...rows, ...asked]);
  const data = {
    table: { columns: set.table.columns, matrix: selectRows(set.table.matrix, all) },
    texts: set.texts && Array.from(all, (row) => set.texts[row]),
    targets: all.map((row) => Math.max(0, classes.indexOf(set.targets[row]))),
    classes: classes.length,
    groups: Int32Array.from(all.keys()),
  };
  const fitting = {
    linearAlgebra: platform.linearAlgebra,
    random: createRandom(0),
    classWeights: "none",
  };
  const own = Int32Array.from(rows.keys());
  const candidates = { recipes: set.recipes, baselines: [] };
  const { head } = await fitCandidates(data, own, candidates, fitting);
  const others = Int32Array.from(asked, (_, i) => rows.length + i);
  const perView = await predictViews(head.views, data, others, platform.linearAlgebra);
  return { classes, predicted: poolViews(head, perView) };
}

function drawPool({ unlabelled }, seed) {
  const order = createRandom(seed)
    .derive("pool")
    .shuffle([...Array(unlabelled).keys()]);
  return Int32Array.from(order.slice(0, POOL)).sort();
}

/** A set with its layers: first the rows to choose from, then those to test on. */
async function readSet({ rows, test, base: name }) {
  const base = await bases.open(name);
  const all = [...rows, ...test];
  const openCache = diskCaches(cacheFolder(), { base: base.spec.id }, () => {});
  const items = all.map(({ input }, row) => ({ source: String(row), input }));
  const { table } = await readInputs(base, items, platform, { openCache, skipBad: false });
  const labels = [...new Set(all.map(({ label }) => label))].sort((a, b) => (a < b ? -1 : 1));
  return {
    modality: base.spec.modality,
    recipes: viewRecipes(base.spec, "auto"),
    targets: Int32Array.from(all, ({ label }) => labels.indexOf(label)),
    texts: base.spec.modality === "text" ? all.map(({ input }) => input.text) : undefined,
    table,
    embeddings: embeddingsOf(table, base.spec, all.length),
    unlabelled: rows.length,
    tested: Int32Array.from(test, (_, i) => rows.length + i),
  };
}

/** Mails in their natural shares, 28 % spam; tested on as many of each. */
async function mails() {
  const all = (await loadMails()).map(({ text, label }) => ({
    input: { kind: "text", text },
    label,
  }));
  const { drawn: test, rest } = sample(all, 350, 1);
  return { rows: every(rest, limit ?? 3000), test: every(test, limit), base: "minilm-l6" };
}

async function questions() {
  const [rows, test] = onSomeIntents(await readRows("train"), await readRows("test"));
  return { rows: every(rows, limit), test: every(test, limit), base: "minilm-l6" };
}

async function readRows(name) {
  const { splits } = await readQuestions(folder, name);
  return splits.train.map(({ input, target }) => ({ input, label: target.label }));
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
