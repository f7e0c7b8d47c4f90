// Milliseconds of a training step with Engraft, how long it takes to compile, and the peak memory,
// for each mode; a process each, or peaks of memory would mix.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { options, report } from "../lib.mjs";

const MODES = [
  "minilm-all",
  "minilm-top2",
  "efficientnet-all-bn-frozen",
  "efficientnet-all-bn-train",
  "resnet18-all-bn-train",
  "efficientnet-last2",
];
const SMOKE_STEPS = 1;

const { work, limit } = options();
const script = fileURLToPath(new URL("step.mjs", import.meta.url));
const cases = {};
for (const mode of MODES) {
  const steps = limit === undefined ? [] : ["--steps", String(SMOKE_STEPS)];
  const output = execFileSync(process.execPath, [script, mode, "--work", work, ...steps], {
    encoding: "utf8",
  });
  const { msPerStep, compileMs, peakRssMb } = JSON.parse(output);
  cases[mode] = { engraft: msPerStep };
  cases[`${mode}, memory`] = { engraft: peakRssMb };
  cases[`${mode}, compile`] = { engraft: compileMs / 1000 };
  if (mode === "efficientnet-all-bn-frozen") cases[`${mode}, onnxsim`] = { engraft: msPerStep };
}
report(cases);
