// Trains on every draw of few labels with a base and with its int8 form, and measures on the test rows.
// What a draw gave is remembered, so that a run that was stopped goes on where it was.
import { join } from "node:path";
import { train } from "engraft";
import { listDraws, options, remember, report } from "../lib.mjs";

/** The draws that are trained on, and the base of each. */
const DRAWS = new Map([
  ["mails, 32 a label", "minilm-l6"],
  ["questions, 8 a label", "minilm-l6"],
  ["photos, 8 a label", "efficientnet-lite0"],
]);

const { work } = options();
const cases = {};
const details = [];
for (const { name, seed, folder } of listDraws(work)) {
  const base = DRAWS.get(name);
  if (base === undefined) continue;
  for (const id of [base, `${base}-int8`]) {
    const file = join(work, "results", name, `${seed} ${id}.json`);
    const { accuracy, logLoss } = await remember(file, () => measure(folder, seed, id));
    const title = id === base ? name : `${name}, int8`;
    cases[title] ??= { stack: [] };
    cases[title].stack.push(accuracy);
    details.push({ name, seed, base: id, accuracy, logLoss });
  }
}
report(cases, { draws: details });

async function measure(folder, seed, base) {
  const task = await train(folder, { seed, base });
  const { accuracy, logLoss } = task.manifest.evaluation.test;
  await task.close();
  return { accuracy, logLoss };
}
