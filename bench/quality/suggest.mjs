// Labels the inputs that `suggest` chooses, batch by batch, and random ones, from the same unlabelled
// rows; a head is fitted to the labels so far, those with one example included, and measured on test
// rows that are in neither.
import { createRandom } from "@engraft/core";
import { poolViews, predictViews } from "../../packages/core/dist/heads/stack/stacked-head.js";
import { embeddingsOf } from "../../packages/core/dist/heads/views/embeddings.js";
import { chooseToLabel } from "../../packages/core/dist/labelling/uncertain-rows.js";
import { rowOf, selectRows } from "../../packages/core/dist/math/matrix.js";
import { indexOfLargest } from "../../packages/core/dist/math/vector.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { chooseTypicalRows } from "../../packages/tasks/dist/label/typical.js";
import { fitCandidates } from "../../packages/tasks/dist/train/measure/cross-validate.js";
import { options, report, SEEDS } from "../lib.mjs";
import { openSets } from "./sets.mjs";

/** Unlabelled rows of a draw. */
const POOL = 1200;
/** Numbers of labels after each batch. */
const LABELS = [8, 16, 32, 50, 64, 128];
/** With fewer examples of a label on average, `suggest` chooses by clusters. */
const FEW_LABELS = 4;

const { data: folder, limit } = options();
const platform = createNodeHost();
const { mails, questions, photos, readSet } = openSets(platform, folder, limit);
const sets = { mails: () => mails(3000), questions, photos };
const cases = {};
const details = {};
for (const [name, read] of Object.entries(sets)) {
  const set = withEmbeddings(await readSet(await read()));
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
      modality: set.spec.modality,
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

function drawPool({ drawable }, seed) {
  const order = createRandom(seed)
    .derive("pool")
    .shuffle([...Array(drawable).keys()]);
  return Int32Array.from(order.slice(0, POOL)).sort();
}

function withEmbeddings(set) {
  return { ...set, embeddings: embeddingsOf(set.table, set.spec, set.targets.length) };
}
