// Times one training step of Engraft, optimiser included, in a process of its own:
// node step.mjs minilm-all [--steps N] [--work FOLDER]
import { parseArgs } from "node:util";
import { fitConfigSchema, StepRunner } from "@engraft/core";
import { compileStep, initialState, stepSettings, stepSourceOf } from "@engraft/core/internal";
import { ortRuntime } from "@engraft/core/ort";
import { layers, loadModel } from "engraft";
import * as ort from "onnxruntime-node";

const BATCH = 16;
const TOKENS = 128;
const CLASSES = 10;
const WARM_UP = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: "string", default: "15" }, work: { type: "string", default: "." } },
});
const [mode] = positionals;

const model = await prepare(mode);
const started = performance.now();
const config = fitConfigSchema.parse({ learningRate: 1e-5, optimizer: "adamw" });
const source = withNorms(stepSourceOf(model));
const step = compileStep(source, config.loss);
const settings = stepSettings(step, config, { threads: 2 });
const engine = await StepRunner.open(
  ortRuntime(ort),
  step,
  settings,
  initialState(source, step, config),
);
const compileMs = performance.now() - started;
const batch = drawBatch(step);
const times = [];
for (let i = 0; i < WARM_UP + Number(values.steps); i++) {
  const before = performance.now();
  await engine.update([batch], 1e-5);
  if (i >= WARM_UP) times.push(performance.now() - before);
}
await engine.close();
console.log(
  JSON.stringify({
    name: mode,
    msPerStep: median(times),
    compileMs,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  }),
);

/** The network with the weights of the mode trainable. */
async function prepare(name) {
  if (name.startsWith("resnet18")) return loadModel(`${values.work}/resnet18.onnx`);
  const base = await loadModel(name.startsWith("minilm") ? "minilm-l6" : "efficientnet-lite0");
  const network = base.append([layers.dense(CLASSES, { name: "predictions" })]);
  if (name === "minilm-all") return network;
  if (name === "minilm-top2") return trainOnly(network, ["encoder.layer.4", "encoder.layer.5"]);
  if (name === "efficientnet-last2") {
    return trainOnly(network, ["_blocks.14", "_blocks.15", "_conv_head", "_bn1"]);
  }
  return network;
}

function trainOnly(network, paths) {
  network.freeze();
  for (const path of [...paths, "predictions"]) network.layer(path).trainable = true;
  return network;
}

/** Batch norms use the statistics of the batch only where the mode says so. */
function withNorms(source) {
  return mode.endsWith("bn-train") ? source : { ...source, trainableNorms: new Set() };
}

function drawBatch({ border, inputs, targets: { name: target } }) {
  const feeds = new Map();
  for (const { name, type } of [...border, ...inputs]) {
    const dims = type.shape.map((size, axis) => {
      if (axis === 0) return BATCH;
      return typeof size === "number" ? size : TOKENS;
    });
    const count = dims.reduce((a, b) => a * b, 1);
    const data =
      type.dtype === "int64"
        ? BigInt64Array.from({ length: count }, (_, i) => idAt(name, i))
        : Float32Array.from({ length: count }, (_, i) => Math.sin(0.37 * i));
    feeds.set(name, { dtype: type.dtype, dims, data });
  }
  const targets = BigInt64Array.from({ length: BATCH }, (_, i) => BigInt(i % CLASSES));
  return feeds.set(target, { dtype: "int64", dims: [BATCH], data: targets });
}

function idAt(name, i) {
  return name === "mask" ? 1n : BigInt(1000 + ((7919 * i) % 29_000));
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
