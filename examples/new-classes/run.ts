// New classes with few labels: a network learns twelve shapes from thousands of images; its layers are
// taken, frozen, and given a new head that learns six other shapes from ten images each. Beside it the
// same network learns the six shapes from the same images alone.
//
//     npm run build && node examples/dist/new-classes/run.js
//
// `--quick` makes everything small, to see that it runs; `--svg <file>` says where the plot goes.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type FitResult, fit, layers, Model, type NewLayer } from "engraft";
import { drawImages, type LabelledImages, SIZE } from "./images.js";
import { printCurves, printTable, svgOf } from "./plot.js";
import { NEW_SHAPES, OLD_SHAPES } from "./shapes.js";

/** The few labels of new shapes, and what the result is measured on. */
interface Few {
  readonly train: LabelledImages;
  readonly val: LabelledImages;
}

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    svg: {
      type: "string",
      default: fileURLToPath(new URL("../../new-classes/learning-curves.svg", import.meta.url)),
    },
  },
});

const FULL = { oldPerShape: 300, oldEpochs: 12, testPerShape: 60, headEpochs: 40, topEpochs: 20 };
const QUICK = { oldPerShape: 10, oldEpochs: 1, testPerShape: 5, headEpochs: 4, topEpochs: 2 };
const { oldPerShape, oldEpochs, testPerShape, headEpochs, topEpochs } = options.quick
  ? QUICK
  : FULL;
const EPOCHS = headEpochs + topEpochs;
/** Labels of each new shape, and the draws of them that are compared. */
const PER_SHAPE = 10;
const SEEDS = options.quick ? [1, 2] : [1, 2, 3, 4, 5];
const NEW_CLASSES = Object.keys(NEW_SHAPES).length;

const startedAt = performance.now();
const test = drawImages(NEW_SHAPES, testPerShape, 1001);
const pretrained = await trainOnOldShapes();
const learned = pretrained.saveWeights();

const transferred: number[][] = [];
const fromScratch: number[][] = [];
for (const seed of SEEDS) {
  const few = { train: drawImages(NEW_SHAPES, PER_SHAPE, seed), val: test };
  transferred.push(await transfer(few, seed));
  fromScratch.push(await trainFromScratch(few, seed));
  const [ours, theirs] = [transferred, fromScratch].map((all) => percent(all.at(-1)!.at(-1)!));
  console.log(`  draw ${seed} of ${SEEDS.length}: transferred ${ours}, from scratch ${theirs}`);
}

const curves = [
  { name: "transferred layers", mark: "●", runs: transferred },
  { name: "from scratch", mark: "○", runs: fromScratch },
];
const notes = { unfreezeAfter: headEpochs, chance: 1 / NEW_CLASSES };
console.log(
  `\nAccuracy on ${test.targets.dims[0]} images of new shapes that no training has seen,`,
);
console.log(
  `mean ± standard deviation over ${SEEDS.length} draws of ${PER_SHAPE} labels a shape:\n`,
);
console.log(printTable(curves, notes));
console.log(printCurves(curves, notes));
writeFileSync(options.svg, svgOf(curves, notes));
console.log(`\nDone in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
console.log(`The plot is in ${relative(process.cwd(), options.svg)}.`);

/** Three blocks of convolutions, their features, and a head. */
function createNetwork(classes: number, seed: number): Model {
  const block = (name: string, filters: number): NewLayer =>
    layers.sequential(
      [
        layers.conv2d(filters, 3, { padding: "same", bias: false }),
        layers.batchNorm(),
        layers.activation("relu"),
        layers.maxPool2d(2),
      ],
      { name },
    );
  return Model.sequential(
    [1, SIZE, SIZE],
    [
      block("block1", 16),
      block("block2", 32),
      block("block3", 64),
      layers.globalAveragePool({ name: "features" }),
      layers.dense(classes, { name: "predictions" }),
    ],
    { seed },
  );
}

async function trainOnOldShapes(): Promise<Model> {
  const classes = Object.keys(OLD_SHAPES).length;
  const network = createNetwork(classes, 0);
  const train = drawImages(OLD_SHAPES, oldPerShape, 1002);
  const val = drawImages(OLD_SHAPES, testPerShape, 1003);
  console.log(`Learning ${classes} shapes from ${train.targets.dims[0]} images ...`);
  const { history } = await fit(
    network,
    { train, val },
    { epochs: oldEpochs, batchSize: 32, learningRate: 1e-2, schedule: "one-cycle" },
  );
  const accuracy = history.at(-1)?.validation?.accuracy ?? Number.NaN;
  console.log(`Right on ${percent(accuracy)} of other images of them.`);
  console.log(`Learning ${NEW_CLASSES} others from ${PER_SHAPE} images each ...`);
  return network;
}

/** Freezes the old layers, trains a new head on them, then unfreezes the top and trains both. */
async function transfer(few: Few, seed: number): Promise<number[]> {
  // Models that were cut from one another share their weights: begin with what was learned.
  pretrained.loadWeights(learned);
  pretrained.trainable = false;
  const head = layers.dense(NEW_CLASSES, { name: "predictions" });
  const model = pretrained.cut("features").append([head], { seed });
  if (seed === SEEDS[0]) console.log(`\n${model.summary().toString()}\n`);
  const frozen = await fit(model, few, settings(headEpochs, 1e-2, seed));
  model.layer("block3").trainable = true;
  const tuned = await fit(model, few, settings(topEpochs, 1e-3, seed));
  return [...accuracies(frozen), ...accuracies(tuned)];
}

async function trainFromScratch(few: Few, seed: number): Promise<number[]> {
  return accuracies(await fit(createNetwork(NEW_CLASSES, seed), few, settings(EPOCHS, 1e-2, seed)));
}

function settings(epochs: number, learningRate: number, seed: number) {
  return { epochs, batchSize: 10, learningRate, seed };
}

/** Accuracy after every epoch. It is only looked at: nothing is chosen by it. */
function accuracies({ history }: FitResult): number[] {
  return history.map(({ validation }) => validation?.accuracy ?? Number.NaN);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
