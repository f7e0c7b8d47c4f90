// Trains on every draw and measures on its test rows.
import { train } from "engraft";
import { listDraws, options, report } from "../lib.mjs";

const cases = {};
const details = [];
for (const { name, seed, folder } of listDraws(options().work)) {
  const task = await train(folder, { seed });
  const { evaluation, head } = task.manifest;
  await task.close();
  cases[name] ??= { stack: [] };
  cases[name].stack.push(evaluation.test.accuracy);
  cases[`${name}, calibration`] ??= { stack: [] };
  cases[`${name}, calibration`].stack.push(evaluation.test.calibrationError);
  details.push({
    name,
    seed,
    outOfFold: evaluation.outOfFold.accuracy,
    logLoss: evaluation.test.logLoss,
    views: Object.fromEntries(head.views.map((view) => [view.name, view.weight])),
  });
}
report(cases, { draws: details });
