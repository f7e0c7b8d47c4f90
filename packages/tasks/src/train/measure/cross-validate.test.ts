import { createRandom } from "@engraft/core";
import type { LabelledFeatures, LayerView } from "@engraft/core/internal";
import { plainLinearAlgebra } from "@engraft/core/internal";
import { expect, it } from "vitest";
import { fitCandidates, predictCandidates, refitCandidates } from "./cross-validate.js";

const CLASSES = 3;
const signal = { tap: "signal", pooling: "mean", width: 3 } as const;
const noise = { tap: "noise", pooling: "mean", width: 2 } as const;

const view = (column: typeof signal | typeof noise): LayerView => ({
  kind: "layers",
  name: column.tap,
  columns: [column],
  normalize: "standard",
  classifier: "logistic",
});

/** One layer tells the class, the other nothing. */
function makeExamples(rows: number): LabelledFeatures {
  const random = createRandom(5);
  const targets = Int32Array.from({ length: rows }, (_, row) => row % CLASSES);
  const data = Float32Array.from({ length: 5 * rows }, (_, at) => {
    const isMarked = at % 5 === targets[Math.floor(at / 5)];
    return 0.3 * random.normal() + Number(isMarked);
  });
  return {
    table: { columns: [signal, noise], matrix: { rows, cols: 5, data } },
    texts: undefined,
    targets,
    classes: CLASSES,
    groups: Int32Array.from(targets.keys()),
  };
}

it("what was chosen on a part is fitted to everything", async () => {
  const examples = makeExamples(90);
  const all = Int32Array.from(examples.targets.keys());
  const part = all.filter((row) => row < 60);
  const candidates = { recipes: [view(signal), view(noise)], baselines: [] };
  const options = {
    linearAlgebra: plainLinearAlgebra,
    random: createRandom(1),
    classWeights: "none",
  } as const;
  const fitted = await fitCandidates(examples, part, candidates, options);
  const chosen = { ...fitted, head: { ...fitted.head, weights: [1, 0] } };
  const refitted = await refitCandidates(chosen, examples, all, candidates, options);

  expect(refitted.head.weights).toEqual(chosen.head.weights);
  const [before, after] = [chosen.head.views, refitted.head.views];
  expect(after[0]!.classifier).toMatchObject({ c: (before[0]!.classifier as { c: number }).c });
  expect(after[0]!.classifier).not.toEqual(before[0]!.classifier);
  // A view without weight is not computed: there is no reason to fit it again.
  expect(after[1]).toBe(before[1]);

  const { head } = await predictCandidates(refitted, examples, all, candidates, options);
  const losses = Array.from(
    all,
    (row) => -head.logProbabilities.data[row * CLASSES + examples.targets[row]!]!,
  );
  expect(losses.reduce((sum, loss) => sum + loss, 0) / losses.length).toBeLessThan(0.2);
});
