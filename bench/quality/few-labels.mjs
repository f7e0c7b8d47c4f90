// Trains on every draw of few labels with and without the unlabelled rows, and measures on its test rows.
import { train } from "engraft";
import { listDraws, options, poolOf, report } from "../lib.mjs";

const { work } = options();
const cases = {};
const details = [];
for (const { name, seed, folder } of listDraws(work)) {
  const task = await train(folder, { seed, unlabelled: poolOf(work, name, seed) });
  const { evaluation, head, unlabelled, seconds } = task.manifest;
  await task.close();
  const alone = evaluation.test.baselines["labels-only"];
  const { accuracy } = evaluation.test;
  add(name, accuracy);
  add(`${name}, labels only`, alone.accuracy);
  add(`${name}, out of fold less test`, evaluation.outOfFold.accuracy - accuracy);
  details.push({
    name,
    seed,
    ...unlabelled,
    outOfFold: evaluation.outOfFold.accuracy,
    logLoss: evaluation.test.logLoss,
    labelsOnly: { accuracy: alone.accuracy, logLoss: alone.logLoss },
    seconds,
    views: Object.fromEntries(head.views.map((view) => [view.name, view.weight])),
  });
}
report(cases, { draws: details });

function add(name, accuracy) {
  cases[name] ??= { stack: [] };
  cases[name].stack.push(accuracy);
}
