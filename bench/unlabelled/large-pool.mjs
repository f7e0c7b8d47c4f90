// Unlabelled rows in the largest number that is taken, on drawn features of the size of `minilm-l6`:
// they are read once, and one head learns from them, as in each fold of the evaluation.
import { allColumns } from "../../packages/core/dist/features/columns.js";
import { fitViews, stackViews } from "../../packages/core/dist/heads/stack/stacked-head.js";
import { learnFromUnlabelled } from "../../packages/core/dist/heads/unlabelled/learn.js";
import { readUnlabelled } from "../../packages/core/dist/heads/unlabelled/unlabelled.js";
import { viewRecipes } from "../../packages/core/dist/heads/views/views.js";
import { createRandom } from "../../packages/core/dist/random/random.js";

const CLASSES = 10;
const LABELLED = 80;
const TERMS = 12;

/** Seconds to read the rows, seconds of one fit, and the peak of memory in megabytes. */
export async function measureLargePool(spec, linearAlgebra, count) {
  const data = drawData(allColumns(spec), LABELLED + count);
  const recipes = viewRecipes(spec, "auto");
  const all = Int32Array.from(data.targets.keys());
  const [labelled, unlabelled] = [all.subarray(0, LABELLED), all.subarray(LABELLED)];
  const options = {
    linearAlgebra,
    random: createRandom(1),
    classWeights: "none",
    keepFolds: true,
  };
  const started = performance.now();
  const read = await readUnlabelled(data, recipes, unlabelled, labelled, options);
  const readAt = performance.now();
  const fitted = await fitViews(data, labelled, recipes, options);
  const learned = await learnFromUnlabelled(fitted, data, labelled, read, options);
  const names = learned.views.map(({ recipe }) => recipe.name);
  const { weights } = stackViews(learned, new Set(names));
  return {
    readSeconds: (readAt - started) / 1000,
    fitSeconds: (performance.now() - readAt) / 1000,
    megabytes: process.resourceUsage().maxRSS / 1024,
    weights: Object.fromEntries(names.map((name, index) => [name, weights[index]])),
  };
}

/** Noise around one centre a class, and texts of words that are more frequent in one class. */
function drawData(columns, rows) {
  const random = createRandom(2);
  const cols = columns.reduce((sum, { width }) => sum + width, 0);
  const targets = Int32Array.from({ length: rows }, (_, row) => row % CLASSES);
  const centres = Float32Array.from({ length: CLASSES * cols }, () => random.normal());
  const data = new Float32Array(rows * cols);
  // Sums of few drawn directions, so that the rows vary in some hundred of them, less in each.
  const noise = Float32Array.from({ length: 2 ** 20 }, () => random.normal());
  for (let row = 0; row < rows; row++) {
    const shift = Math.floor(random.double() * (noise.length - cols));
    const other = Math.floor(random.double() * (noise.length - cols));
    const from = targets[row] * cols;
    for (let col = 0; col < cols; col++) {
      data[row * cols + col] = 0.5 * centres[from + col] + noise[shift + col] + noise[other + col];
    }
  }
  const word = (target) =>
    `w${Math.floor(random.double() ** 2 * 4000)}${random.double() < 0.2 ? `c${target}` : ""}`;
  const texts = Array.from(targets, (target) =>
    Array.from({ length: TERMS }, () => word(target)).join(" "),
  );
  return {
    table: { columns, matrix: { rows, cols, data } },
    texts,
    targets,
    classes: CLASSES,
    groups: Int32Array.from(targets.keys()),
  };
}
