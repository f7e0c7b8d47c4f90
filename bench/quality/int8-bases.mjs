// Trains on every draw of few labels with a base and with its int8 form, and measures on the test rows.
import { train } from "engraft";
import { listDraws, options, report } from "../lib.mjs";

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
    const task = await train(folder, { seed, base: id });
    const { accuracy, logLoss } = task.manifest.evaluation.test;
    await task.close();
    const title = id === base ? name : `${name}, int8`;
    cases[title] ??= { stack: [] };
    cases[title].stack.push(accuracy);
    details.push({ name, seed, base: id, accuracy, logLoss });
  }
}
report(cases, { draws: details });
