// Labels of Banking77 of which a tenth is wrong: how well they are found. What the heads say out of
// fold is stored, for cleanlab to rank the same labels by the same probabilities.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpenBases } from "@engraft/tasks/internal";
import { train } from "engraft";
import { findLabelErrors } from "../../packages/core/dist/evaluate/labels/label-errors.js";
import { createRandom } from "../../packages/core/dist/random/random.js";
import { diskCaches } from "../../packages/engraft/dist/host/cache/disk-cache.js";
import { cacheFolder } from "../../packages/engraft/dist/host/cache/location.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { prepareTraining } from "../../packages/tasks/dist/train/data/prepare-training.js";
import { predictOutOfFold } from "../../packages/tasks/dist/train/measure/out-of-fold.js";
import { options, readQuestions, report } from "../lib.mjs";

/** Draws of the labels that are flipped: of a thousand each, so that they hardly differ. */
const SEEDS = [1, 2];
const WRONG = 0.1;
const DIGITS = 6;

const { data, work, limit } = options();
const platform = createNodeHost();
const base = await new OpenBases(platform).open("minilm-l6");
const questions = await readQuestions(data, "train", limit);
const cases = {
  found: { engraft: [] },
  "against cleanlab": { engraft: [] },
  last: { engraft: [] },
};
const draws = [];
for (const seed of limit === undefined ? SEEDS : SEEDS.slice(0, 1)) {
  const { dataset, isWrong } = flip(questions, seed);
  const stack = await judge(dataset, isWrong, { seed });
  const last = await judge(dataset, isWrong, { seed, views: "last" });
  store(seed, stack, isWrong);
  cases.found.engraft.push(stack.precision);
  cases["against cleanlab"].engraft.push(stack.precision);
  cases.last.engraft.push(last.precision);
  const { seconds, suspects, right } = stack;
  draws.push({ seed, seconds, suspects, right, wrong: isWrong.filter(Boolean).length });
}
await platform.close();
report(cases, { draws });

/** The same questions, a tenth of them under another label, any of the others alike. */
function flip(dataset, seed) {
  const random = createRandom(seed).derive("flip");
  const { train: examples } = dataset.splits;
  const order = random.shuffle([...examples.keys()]);
  const wrong = new Set(order.slice(0, Math.round(WRONG * examples.length)));
  const flipped = examples.map((example, row) => {
    if (!wrong.has(row)) return example;
    const others = dataset.labels.filter((label) => label !== example.target.label);
    const target = { kind: "single", label: others[random.integer(others.length)] };
    return { ...example, target };
  });
  return {
    dataset: { ...dataset, splits: { train: flipped } },
    isWrong: examples.map((_, row) => wrong.has(row)),
  };
}

/** Trains on the labels as they are, wrong ones included, and looks for these as `relabel` does. */
async function judge(dataset, isWrong, config) {
  const task = await train(dataset, config);
  const { manifest } = task;
  await task.close();
  const started = performance.now();
  const { examples, random } = await prepareTraining(base, dataset, config.seed, platform, {
    openCache: diskCaches(cacheFolder(), { base: base.spec.id }, () => {}),
    skipBad: false,
  });
  const outOfFold = await predictOutOfFold(manifest, base.spec, examples, {
    linearAlgebra: platform.linearAlgebra,
    random: random.derive("relabel"),
  });
  const { suspects, scores } = findLabelErrors(outOfFold, examples.targets);
  return {
    seconds: (performance.now() - started) / 1000,
    precision: averagePrecision(scores, isWrong),
    suspects: suspects.length,
    right: suspects.filter(({ row }) => isWrong[row]).length,
    targets: examples.targets,
    logProbabilities: outOfFold.logProbabilities,
  };
}

/**
 * Mean of the precision at each wrong label, where those that are believed least come first. Rounded,
 * as in label_errors.py, so that the same ranking has the same figure.
 */
function averagePrecision(scores, isWrong) {
  const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
  let [found, sum] = [0, 0];
  for (const [rank, row] of order.entries()) {
    if (!isWrong[row]) continue;
    found += 1;
    sum += found / (rank + 1);
  }
  return Number((sum / found).toFixed(DIGITS));
}

/** Probabilities as doubles, row by row, and what is known about the rows. */
function store(seed, { targets, logProbabilities }, isWrong) {
  const folder = join(work, "labels");
  mkdirSync(folder, { recursive: true });
  const classes = logProbabilities.cols;
  writeFileSync(join(folder, `${seed}.f64`), logProbabilities.data.map(Math.exp));
  writeFileSync(
    join(folder, `${seed}.json`),
    JSON.stringify({ classes, labels: [...targets], isWrong }),
  );
}
