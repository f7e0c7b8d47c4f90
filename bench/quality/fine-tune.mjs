// Fine-tunes the base on every draw and measures on its test rows: the frozen stack, the tuned stack,
// what the gate lets through, and a probe of the tuned last layer alone, which is what PyTorch is
// compared with. The result of each draw is stored: a run that was stopped goes on from there.
import { join } from "node:path";
import { openMemoryCache } from "@engraft/core/internal";
import { OpenBases } from "@engraft/tasks/internal";
import { readDataset } from "engraft";
import { fineTuneConfig } from "../../packages/core/dist/finetune/config.js";
import { poolViews } from "../../packages/core/dist/heads/stack/stacked-head.js";
import {
  baselineRecipe,
  lastLayerRecipe,
  viewRecipes,
} from "../../packages/core/dist/heads/views/views.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { trainConfigSchema } from "../../packages/tasks/dist/format/manifest/config.js";
import { prepareTraining } from "../../packages/tasks/dist/train/data/prepare-training.js";
import {
  crossValidate,
  fitCandidates,
  predictCandidates,
} from "../../packages/tasks/dist/train/measure/cross-validate.js";
import { firstRepeat } from "../../packages/tasks/dist/train/tuning/fine-tune.js";
import { measureGain } from "../../packages/tasks/dist/train/tuning/gate.js";
import { tuneAndPredict } from "../../packages/tasks/dist/train/tuning/tuned.js";
import { listDraws, options, remember, report } from "../lib.mjs";

const BASES = { text: "minilm-l6", image: "efficientnet-lite0" };

const platform = createNodeHost();
const cases = {};
const draws = [];
const { work } = options();
for (const { name, seed, folder } of listDraws(work)) {
  const file = join(work, "results", name, `${seed}-engraft.json`);
  const { accuracies, ...details } = await remember(file, () => tune(folder, seed));
  for (const [side, accuracy] of Object.entries(accuracies)) {
    cases[`${name}, ${side}`] ??= { engraft: [] };
    cases[`${name}, ${side}`].engraft.push(accuracy);
  }
  draws.push({ name, seed, ...details });
}
await platform.close();
report(cases, { draws });

/** What `train` does with `fineTune: "auto"`, except that a base that the gate refuses is tuned, too. */
async function tune(folder, seed) {
  const dataset = await readDataset(folder);
  const base = await new OpenBases(platform).open(BASES[dataset.modality]);
  const { data, examples, plan, random } = await prepareTraining(base, dataset, seed, platform, {
    openCache: openMemoryCache,
    skipBad: false,
  });
  const { views, head, classWeights } = trainConfigSchema.parse({ seed });
  const fitting = { linearAlgebra: platform.linearAlgebra, random, classWeights };
  const last = lastLayerRecipe(base.spec);
  const candidates = {
    recipes: viewRecipes(base.spec, views, head),
    baselines: [baselineRecipe(base.spec), last],
  };
  const heldOut = await crossValidate(examples, plan.splits, candidates, fitting);
  const rows = Int32Array.from({ length: data.trainRows }, (_, row) => row);
  const test = data.otherSplits.test;
  const final = await fitCandidates(examples, rows, candidates, {
    ...fitting,
    random: random.derive("final"),
  });
  const frozen = (await predictCandidates(final, examples, test, candidates, fitting)).head;

  const ends = [];
  const context = {
    base,
    examples,
    inputs: data.inputs,
    recipes: candidates.recipes,
    config: fineTuneConfig({}, dataset.modality),
    platform,
    fitting: { ...fitting, random: random.derive("fine-tune") },
    seed,
    onTrainingEvent: ({ type }) => type === "step" && ends.push(performance.now()),
  };
  const started = performance.now();
  const splits = firstRepeat(plan.splits, rows.length);
  const { passed, accuracy, logLoss, weights } = await measureGain(context, splits, heldOut.head);
  ends.length = 0;
  const tuned = await tuneAndPredict(context, rows, [test]);
  const [{ perView }] = tuned.heldOut;
  const stack = { rows: test, logProbabilities: poolViews({ ...tuned, weights }, perView) };
  const lastLayer = { rows: test, logProbabilities: perView.get(last.name) };
  const measured = Object.entries({
    frozen,
    tuned: stack,
    gated: passed ? stack : frozen,
    lastLayer,
  });
  const figure = (measure) =>
    Object.fromEntries(measured.map(([side, said]) => [side, measure(said, examples.targets)]));
  return {
    accuracies: figure(accuracyOf),
    logLosses: figure(logLossOf),
    gate: { passed, accuracy, logLoss, weights },
    updates: ends.length,
    secondsOfUpdates: (ends.at(-1) - ends[0]) / 1000,
    seconds: (performance.now() - started) / 1000,
  };
}

function accuracyOf({ rows, logProbabilities: { data, cols } }, targets) {
  const right = rows.filter((row, index) => {
    const answer = data.subarray(index * cols, (index + 1) * cols);
    return answer.indexOf(Math.max(...answer)) === targets[row];
  });
  return right.length / rows.length;
}

function logLossOf({ rows, logProbabilities: { data, cols } }, targets) {
  return rows.reduce((sum, row, index) => sum - data[index * cols + targets[row]], 0) / rows.length;
}
