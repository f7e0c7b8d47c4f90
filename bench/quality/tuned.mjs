// Engraft's recipes of fine-tuning on every draw without the gate, for comparison with PyTorch: the
// tuned base, and for texts a probe of its last layer.

import { openMemoryCache } from "@engraft/core";
import { readDataset } from "engraft";
import { fineTuneConfig } from "../../packages/core/dist/finetune/config.js";
import { lastLayerRecipe } from "../../packages/core/dist/heads/views.js";
import { createRandom } from "../../packages/core/dist/random/random.js";
import { readLayers } from "../../packages/core/dist/tasks/read-layers.js";
import { tuneAndPredict } from "../../packages/core/dist/tasks/tuned.js";
import { resolveBase } from "../../packages/engraft/dist/bases/resolve.js";
import { createNodePlatform } from "../../packages/engraft/dist/platform/node-platform.js";
import { listDraws, options, report } from "../lib.mjs";

const BASES = { text: "minilm-l6", image: "efficientnet-lite0" };

const platform = createNodePlatform();
const cases = {};
const details = [];
for (const { name, seed, folder } of listDraws(options().work)) {
  const { accuracy, seconds } = await tune(await readDataset(folder), seed);
  cases[`${name}, tuned`] ??= { engraft: [] };
  cases[`${name}, tuned`].engraft.push(accuracy);
  details.push({ name, seed, seconds });
}
await platform.close();
report(cases, { draws: details });

/** Accuracy on the test rows, and the seconds of the updates. */
async function tune(dataset, seed) {
  const base = await resolveBase(BASES[dataset.modality], platform);
  const read = await readLayers(base, dataset, platform, {
    openCache: openMemoryCache,
    skipBad: false,
  });
  const { examples, inputs, labels, otherSplits, trainRows } = read;
  const times = [];
  const context = {
    base,
    examples: { ...examples, groups: Int32Array.from(inputs.keys()) },
    inputs,
    recipes: [lastLayerRecipe(base.spec)],
    config: fineTuneConfig({}, dataset.modality),
    platform,
    fitting: {
      linearAlgebra: platform.linearAlgebra,
      random: createRandom(seed),
      classWeights: "none",
    },
    seed,
    onTrainingEvent: ({ type }) => type === "step" && times.push(performance.now()),
  };
  const train = Int32Array.from({ length: trainRows }, (_, row) => row);
  const { predictions } = await tuneAndPredict(context, train, [otherSplits.test]);
  return {
    accuracy: accuracyOf(predictions[0], examples.targets, labels.length),
    seconds: (times.at(-1) - times[0]) / 1000,
  };
}

function accuracyOf({ rows, logProbabilities: { data } }, targets, classes) {
  const right = rows.filter((row, index) => {
    const answer = data.subarray(index * classes, (index + 1) * classes);
    return answer.indexOf(Math.max(...answer)) === targets[row];
  });
  return right.length / rows.length;
}
