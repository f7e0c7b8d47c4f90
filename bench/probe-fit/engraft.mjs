// One probe on the data that python.py makes too: 13 strengths, 5 folds, 12 classes.
import { defaultGrid, fitProbe } from "../../packages/core/dist/heads/logistic/probe.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { report, seconds } from "../lib.mjs";

const ROWS = 720;
const COLUMNS = 1280;
const CLASSES = 12;
const FOLDS = 5;
const CENTRES_FROM = 2 ** 24;

const features = makeFeatures();
const platform = createNodeHost();
let probe;
const elapsed = await seconds(async () => {
  probe = await fitProbe({
    features,
    targets: Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES),
    classes: CLASSES,
    folds: Int32Array.from({ length: ROWS }, (_, row) => Math.floor(row / CLASSES) % FOLDS),
    linearAlgebra: platform.linearAlgebra,
    grid: defaultGrid,
  });
});
await platform.close();
report(
  { default: { engraft: elapsed }, tuned: { engraft: elapsed } },
  {
    c: probe.c,
    heldOutLogLoss: Math.min(...probe.losses.map(({ loss }) => loss)),
    checksum: features.data.reduce((sum, value) => sum + Math.abs(value), 0),
  },
);

/** Noise around one centre a class; the columns' scales fall, as in the features of a network. */
function makeFeatures() {
  const data = new Float32Array(ROWS * COLUMNS);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const noise = uniform(row * COLUMNS + column) - 0.5;
      const centre = uniform(CENTRES_FROM + (row % CLASSES) * COLUMNS + column) - 0.5;
      data[row * COLUMNS + column] = (16 * (noise + 0.2 * centre)) / (1 + column / 64);
    }
  }
  return { rows: ROWS, cols: COLUMNS, data };
}

/** A number in [0, 1) from an integer: the hash "lowbias32" by Chris Wellons. */
function uniform(n) {
  let hash = Math.imul(n ^ (n >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
