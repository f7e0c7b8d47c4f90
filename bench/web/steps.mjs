// Training steps in a browser and in Node, by the same calls: this file runs in both.
import { seconds } from "./work.mjs";

const BATCH = 16;
const TOKENS = 128;
const CLASSES = 10;
/** What does not depend on the number of epochs is taken out by two runs of different length. */
const [FEW, MANY] = [2, 10];

/** @param engraft Package `engraft` or `@engraft/web`. */
export async function measureSteps(engraft) {
  const last = ["_blocks.14", "_blocks.15", "_conv_head", "_bn1"];
  const pixels = { pixels: floats([BATCH, 3, 224, 224]) };
  const top = ["encoder.layer.4", "encoder.layer.5"];
  const tokens = { ids: integers((i) => 1000 + ((7919 * i) % 29_000)), mask: integers(() => 1) };
  return {
    "last two blocks": await measure(engraft, "efficientnet-lite0", last, pixels),
    "top two layers": await measure(engraft, "minilm-l6", top, tokens),
  };
}

/** Milliseconds of one step; what is below the layers that are trained runs once, before the steps. */
async function measure(engraft, name, paths, inputs) {
  const base = await engraft.loadModel(name);
  const model = await base.append([engraft.layers.dense(CLASSES, { name: "predictions" })]);
  model.freeze();
  for (const path of [...paths, "predictions"]) model.layer(path).trainable = true;
  const data = BigInt64Array.from({ length: BATCH }, (_, row) => BigInt(row % CLASSES));
  const train = { inputs, targets: { dtype: "int64", dims: [BATCH], data } };
  const run = (epochs) =>
    seconds(() => engraft.fit(model, { train }, { epochs, batchSize: BATCH, learningRate: 1e-5 }));
  await run(FEW);
  const few = await run(FEW);
  return (1000 * ((await run(MANY)) - few)) / (MANY - FEW);
}

function floats(dims) {
  const length = dims.reduce((product, size) => product * size, 1);
  return {
    dtype: "float32",
    dims,
    data: Float32Array.from({ length }, (_, i) => Math.sin(0.37 * i)),
  };
}

function integers(valueAt) {
  const length = BATCH * TOKENS;
  const data = BigInt64Array.from({ length }, (_, i) => BigInt(valueAt(i)));
  return { dtype: "int64", dims: [BATCH, TOKENS], data };
}
