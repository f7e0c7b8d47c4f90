// Fine-tunes the base on every draw, behind the gate, and measures both on its test rows: what the
// frozen stack gets, what comes out of the gate, and how often the tuned base was kept.
import { train } from "engraft";
import { listDraws, options, report } from "../lib.mjs";

const cases = {};
const details = [];
for (const { name, seed, folder } of listDraws(options().work)) {
  const started = performance.now();
  const task = await train(folder, { config: { seed, fineTune: "auto" } });
  const { evaluation, fineTuning } = task.manifest;
  await task.close();
  const kept = evaluation.test.accuracy;
  const frozen = fineTuning.kept ? evaluation.test.baselines.frozen.accuracy : kept;
  for (const [side, accuracy] of Object.entries({ frozen, "behind the gate": kept })) {
    cases[`${name}, ${side}`] ??= { stack: [] };
    cases[`${name}, ${side}`].stack.push(accuracy);
  }
  const { gain, standardError } = fineTuning;
  const seconds = (performance.now() - started) / 1000;
  details.push({ name, seed, kept: fineTuning.kept, gain, standardError, seconds });
}
report(cases, { draws: details });
