// Trains on every draw of few labels with and without the unlabelled rows, and measures on its test rows.
// What a draw gave is remembered, so that a run that was stopped goes on where it was.
import { join } from "node:path";
import { train } from "engraft";
import { listDraws, options, poolOf, remember, report } from "../lib.mjs";

const { work } = options();
const cases = {};
const details = [];
// The largest set, which takes as long as all others, is the first by its name.
for (const draw of listDraws(work).reverse()) {
  const file = join(work, "results", draw.name, `${draw.seed}.json`);
  const result = await remember(file, () => measure(draw));
  const { name, accuracy, labelsOnly, outOfFold, kept } = result;
  add(name, accuracy);
  add(`${name}, labels only`, labelsOnly.accuracy);
  if (kept !== undefined) add(`${name}, kept`, kept.accuracy);
  add(`${name}, out of fold less test`, outOfFold - accuracy);
  details.push(result);
}
report(cases, { draws: details });

async function measure({ name, seed, folder }) {
  const unlabelled = poolOf(work, name, seed);
  const task = await train(folder, { seed, unlabelled });
  const { evaluation, head, unlabelled: record, seconds } = task.manifest;
  await task.close();
  const { accuracy, logLoss, baselines } = evaluation.test;
  const alone = baselines["labels-only"];
  const result = {
    name,
    seed,
    ...record,
    gain: record.accuracy,
    outOfFold: evaluation.outOfFold.accuracy,
    accuracy,
    logLoss,
    labelsOnly: { accuracy: alone.accuracy, logLoss: alone.logLoss },
    seconds,
    views: Object.fromEntries(head.views.map((view) => [view.name, view.weight])),
  };
  console.error(
    `${name}, draw ${seed}: ${accuracy.toFixed(3)}, labels ${alone.accuracy.toFixed(3)}`,
  );
  return name.startsWith("all")
    ? result
    : { ...result, kept: await measureKept(folder, seed, unlabelled) };
}

/** The same where the task keeps the graph over the unlabelled rows. */
async function measureKept(folder, seed, unlabelled) {
  const task = await train(folder, { seed, unlabelled, keepUnlabelled: true });
  const { accuracy, logLoss } = task.manifest.evaluation.test;
  await task.close();
  return { accuracy, logLoss };
}

function add(name, accuracy) {
  cases[name] ??= { stack: [] };
  cases[name].stack.push(accuracy);
}
