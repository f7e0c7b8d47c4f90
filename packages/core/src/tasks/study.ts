import type { BaseSpec } from "../bases/spec.js";
import { type EvaluationPlan, evaluationPlan } from "../evaluate/folds.js";
import { rowsByGroup } from "../evaluate/groups.js";
import {
  forecastLearning,
  type LearningCurve,
  type LearningPoint,
} from "../evaluate/learning-curve.js";
import type { Classifier } from "../heads/classifier.js";
import { gather, type LabelledFeatures } from "../heads/examples.js";
import {
  type FitHeadOptions,
  type FittedView,
  fitViews,
  poolViews,
  predictViews,
  refitViews,
} from "../heads/stacked-head.js";
import { viewRecipes } from "../heads/views.js";
import { rowOf } from "../math/matrix.js";
import { indexOfLargest } from "../math/vector.js";
import type { Abort, OnProgress, Platform } from "../platform.js";
import { createRandom, type Random } from "../random/random.js";
import { summaryOf } from "./figures.js";
import type { SummaryFigures, TaskManifest } from "./manifest.js";
import { layerViews } from "./rank.js";

/** What is found out about a task beyond what its training measured. */
export interface TaskStudy {
  /** Undefined where there are too few examples for three sizes. */
  readonly learningCurve: LearningCurve;
  /** The views that the learning curve is of: those of the task, or on large data the main one. */
  readonly learners: readonly string[];
  /** A probe on each layer alone, in the order of the base. */
  readonly layers: readonly { readonly name: string; readonly figures: SummaryFigures }[];
  /** How many examples the probes on the layers were given: of large data, a part. */
  readonly examples: number;
}

export interface StudyOptions {
  readonly seed: number;
  readonly abort?: Abort | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export async function studyTask(
  data: LabelledFeatures,
  spec: BaseSpec,
  manifest: TaskManifest,
  labels: readonly string[],
  platform: Pick<Platform, "linearAlgebra">,
  options: StudyOptions,
): Promise<TaskStudy> {
  const random = createRandom(options.seed).derive("study");
  const fitting: FitHeadOptions = {
    linearAlgebra: platform.linearAlgebra,
    random,
    classWeights: manifest.config.classWeights,
    abort: options.abort,
  };
  const layers = layerViews(spec);
  const learner = learnerOf(data, spec, manifest);
  const plan = evaluationPlan({ ...data, seed: options.seed });
  const sizes = sizesOf(plan, data.classes);
  const progress = { done: 0, total: sizes.length + layers.length };
  const advance = (): void => {
    options.onProgress?.({ phase: "measure", done: progress.done++, total: progress.total });
  };
  const points: LearningPoint[] = [];
  for (const size of sizes) {
    advance();
    points.push(await measureSize(size, data, plan, learner, fitting));
  }
  const part = stratifiedOrder(Int32Array.from(data.targets.keys()), data, random.derive("layers"))
    .slice(0, Math.max(2 * data.classes, Math.floor(LAYER_ROWS_TIMES_CLASSES / data.classes)))
    .sort();
  const measured: TaskStudy["layers"][number][] = [];
  for (const layer of layers) {
    advance();
    const { outOfFold } = await fitViews(data, part, [layer], fitting);
    const [{ rows, logProbabilities }] = outOfFold as [(typeof outOfFold)[number]];
    const figures = summaryOf([{ rows: gather(part, rows), logProbabilities }], {
      ...data,
      labels,
    });
    measured.push({ name: layer.name, figures });
  }
  advance();
  return {
    learningCurve: forecastLearning(points, {
      examples: data.targets.length,
      seed: options.seed,
    }),
    learners: learner.views.map(({ recipe }) => recipe.name),
    layers: measured,
    examples: part.length,
  };
}

const LAYER_ROWS_TIMES_CLASSES = 50_000;
const BUDGET = 250_000;

interface Learner {
  readonly views: readonly FittedView[];
  readonly weights: readonly number[];
}

function learnerOf(
  data: LabelledFeatures,
  spec: BaseSpec,
  { head, config }: TaskManifest,
): Learner {
  const used = head.views.filter(({ weight }) => weight > 0);
  const main = used.reduce((a, b) => (b.weight > a.weight ? b : a), used[0] ?? head.views[0]!);
  const large = data.targets.length * data.classes > 20_000;
  const chosen = large || used.length === 0 ? [main] : used;
  const recipes = new Map(
    viewRecipes(spec, config.views, config.head).map((recipe) => [recipe.name, recipe]),
  );
  return {
    views: chosen.map(({ name, c = 1 }) => ({
      recipe: recipes.get(name)!,
      tfidf: undefined,
      classifier: unfitted(c),
    })),
    weights: chosen.length === 1 ? [1] : chosen.map(({ weight }) => weight),
  };
}

function unfitted(c: number): Classifier {
  return {
    kind: "logistic",
    linear: { weights: new Float64Array(), bias: new Float64Array() },
    c,
  };
}

function sizesOf({ splits }: EvaluationPlan, classes: number): number[] {
  const largest = splits.reduce((least, { train }) => Math.min(least, train.length), Infinity);
  const smallest = Math.max(2 * classes, 8);
  const halvings = Math.min(4, Math.floor(Math.log2(largest / smallest)));
  const steps = halvings * Math.ceil(6 / halvings);
  return Array.from({ length: steps + 1 }, (_, i) =>
    Math.floor(largest / 2 ** (((steps - i) * halvings) / steps)),
  );
}

async function measureSize(
  size: number,
  data: LabelledFeatures,
  { splits }: EvaluationPlan,
  learner: Learner,
  fitting: FitHeadOptions,
): Promise<LearningPoint> {
  const draws = Math.max(
    1,
    Math.min(2, Math.floor(BUDGET / (size * data.classes * splits.length))),
  );
  const errors: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    for (const [index, { train, test }] of splits.entries()) {
      const random = fitting.random.derive(`draw ${draw} ${index}`);
      const rows = stratifiedOrder(train, data, random).slice(0, size).sort();
      const views = await refitViews(data, rows, learner.views, { ...fitting, random });
      const predicted = poolViews(
        { views, weights: learner.weights },
        await predictViews(views, data, test, fitting.linearAlgebra),
      );
      let wrong = 0;
      test.forEach((row, i) => {
        wrong += Number(indexOfLargest(rowOf(predicted, i)) !== data.targets[row]);
      });
      errors.push(wrong / test.length);
    }
  }
  const error = errors.reduce((a, b) => a + b) / errors.length;
  const variance = errors.reduce((a, b) => a + (b - error) ** 2, 0) / (errors.length - 1);
  return { examples: size, error, standardError: Math.sqrt(variance / errors.length) || 0.005 };
}

function stratifiedOrder(rows: Int32Array, data: LabelledFeatures, random: Random): Int32Array {
  const members = random.shuffle(rowsByGroup(gather(data.groups, rows)));
  const classOf = (group: readonly number[]): number => data.targets[rows[group[0]!]!]!;
  const sizes = new Int32Array(data.classes);
  for (const group of members) sizes[classOf(group)]!++;
  const seen = new Int32Array(data.classes);
  return Int32Array.from(
    members
      .map((group) => ({ group, place: seen[classOf(group)]!++ / sizes[classOf(group)]! }))
      .sort((a, b) => a.place - b.place)
      .flatMap(({ group }) => group.map((index) => rows[index]!)),
  );
}
