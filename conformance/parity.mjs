// Trains fifty steps as parity.py did in PyTorch and compares the loss of every step; see README.md.
//
//   node conformance/parity.mjs                      fixtures/parity/
//   node conformance/parity.mjs --cases out          the base models, which parity.py --bases makes
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fitConfigSchema, Model, StepRunner } from "@engraft/core";
import { compileStep, initialState, stepSettings, stepSourceOf } from "@engraft/core/internal";
import { ortRuntime } from "@engraft/core/ort";
import * as ort from "onnxruntime-node";
import { relative } from "./numbers.mjs";
import { readSafetensors } from "./safetensors.mjs";

const TOLERANCE = 1e-3;
const HERE = fileURLToPath(new URL(".", import.meta.url));

const { values: options } = parseArgs({
  options: { cases: { type: "string", default: "fixtures" } },
});
const root = join(HERE, options.cases, "parity");
if (!existsSync(root)) {
  console.error(`There is no ${root}: make it with parity.py, as README.md says.`);
  process.exit(2);
}
let failed = 0;
for (const name of readdirSync(root)) {
  const given = JSON.parse(readFileSync(join(root, name, "parity.json"), "utf8"));
  for (const [kind, run] of Object.entries(given.runs)) {
    const started = performance.now();
    const losses = await train(join(root, name), given, kind, run);
    const error = Math.max(...losses.map((loss, step) => relative(loss, run.losses[step])));
    const passed = error <= TOLERANCE;
    if (!passed) failed += 1;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${passed ? "ok    " : "FAILED"} ${name}, ${kind}: losses within ${error.toExponential(1)}, ` +
        `${losses[0].toFixed(4)} to ${losses.at(-1).toFixed(4)}, ${seconds} s`,
    );
  }
}
process.exitCode = failed === 0 ? 0 : 1;

/** The loss before every step. */
async function train(folder, given, kind, run) {
  const model = Model.fromOnnx(readFileSync(join(folder, "model.onnx")));
  model.trainable = true;
  const source = stepSourceOf(model);
  const config = configOf(kind, run.options);
  const step = compileStep(
    given.batchNorm === "frozen" ? { ...source, trainableNorms: new Set() } : source,
    config.loss,
  );
  const settings = stepSettings(step, config, { threads: 1 });
  const state = initialState(source, step, config);
  const engine = await StepRunner.open(ortRuntime(ort), step, settings, state);
  const batches = readSafetensors(join(folder, "batches.safetensors"));
  const losses = [];
  for (let count = 0; count < given.steps; count++) {
    const batch = feedsOf(batches, given, count % given.batches);
    const result = await engine.update([batch], config.learningRate);
    losses.push(result.batches[0].loss);
  }
  await engine.close();
  return losses;
}

function configOf(kind, { lr, momentum, betas, eps, weight_decay: weightDecay }) {
  const optimizer =
    kind === "sgd"
      ? { name: "sgd", momentum }
      : { name: "adamw", beta1: betas[0], beta2: betas[1], epsilon: eps };
  return fitConfigSchema.parse({ learningRate: lr, optimizer, weightDecay });
}

function feedsOf(batches, { inputs }, index) {
  const feeds = inputs.map((name) => [name, batches.get(`${name}/${index}`)]);
  return new Map([...feeds, ["targets", batches.get(`labels/${index}`)]]);
}
