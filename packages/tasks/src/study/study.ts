import type { BaseSpec, OnProgress, Platform } from "@engraft/core";
import { createRandom } from "@engraft/core";
import type { EvaluationPlan, FitHeadOptions, LearningCurve } from "@engraft/core/internal";
import {
  evaluationPlan,
  forecastLearning,
  gather,
  type LabelledFeatures,
  type SizeMeasurement,
  stratifiedOrder,
  thoseWithWeight,
  viewRecipes,
} from "@engraft/core/internal";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { fitCandidates, settingsOf } from "../train/measure/cross-validate.js";
import { isOf } from "../train/measure/out-of-fold.js";
import { type LayerMetrics, measureLayers } from "./layer-probes.js";
import { type Learner, learningSizes, measureSize, testedRows } from "./learning-points.js";
import { layerViews } from "./rank.js";

/** How a task learns. */
export interface TaskLearning {
  /** Undefined where there are too few examples to measure several sizes. */
  readonly learningCurve: LearningCurve | undefined;
  /** Names of the views that the learning curve is of: those of the task, or on large data the main one. */
  readonly learners: readonly string[];
}

/** What is found out about a task beyond what its training measured. */
export interface TaskStudy extends TaskLearning {
  /** A probe on each layer alone, in the order of the base. */
  readonly layers: readonly LayerMetrics[];
  /** How many examples the probes on the layers were given: of large data, a part. */
  readonly examples: number;
}

export interface StudyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of the phase `measure`. */
  readonly onProgress?: OnProgress | undefined;
}

/** Probes on single layers are fitted to so many rows x classes at most: 10,000 rows of 5 classes. */
const LAYER_WORK = 50_000;
/** Beyond so many rows x classes the learning curve is that of the view with the largest weight alone. */
const STACK_WORK = 20_000;

/**
 * Finds out how a task would learn from more or fewer examples, and what each layer of its base
 * knows, by fitting heads anew to parts of its training examples. Everything is on the frozen base,
 * also for a task whose base was tuned: tuning it again for every size would take hours.
 *
 * @param data - The layers of the training examples.
 * @param spec - Of the frozen base.
 * @throws DataError when there are fewer than two different examples.
 */
export async function studyTask(
  data: LabelledFeatures,
  spec: BaseSpec,
  manifest: TaskManifest,
  platform: Pick<Platform, "linearAlgebra">,
  options: StudyOptions,
): Promise<TaskStudy> {
  const study = beginStudy(data, manifest, platform, options, layerViews(spec).length);
  const { part, fitting, advance } = study;
  const learning = await measureCurve(study, spec, manifest);
  const layers = await measureLayers(data, part, spec, manifest.labels, fitting, advance);
  advance();
  return { ...learning, layers, examples: part.length };
}

/**
 * Finds out how a task would learn from more or fewer examples: of {@link studyTask} the learning curve
 * alone.
 *
 * @throws DataError when there are fewer than two different examples.
 */
export async function measureLearning(
  data: LabelledFeatures,
  spec: BaseSpec,
  manifest: TaskManifest,
  platform: Pick<Platform, "linearAlgebra">,
  options: StudyOptions,
): Promise<TaskLearning> {
  const study = beginStudy(data, manifest, platform, options, 0);
  const learning = await measureCurve(study, spec, manifest);
  study.advance();
  return learning;
}

/** What a study works with. */
interface Study {
  readonly data: LabelledFeatures;
  readonly fitting: FitHeadOptions;
  readonly plan: EvaluationPlan;
  /** Numbers of examples at which the learning curve is measured. */
  readonly sizes: readonly number[];
  /** The rows that probes on layers are fitted to, and settings chosen by. */
  readonly part: Int32Array;
  /** Tells that one more measurement begins, or that all have ended. */
  readonly advance: () => void;
}

/** @param others - How many measurements are made beside those of the learning curve. */
function beginStudy(
  data: LabelledFeatures,
  { config }: TaskManifest,
  platform: Pick<Platform, "linearAlgebra">,
  options: StudyOptions,
  others: number,
): Study {
  const random = createRandom(config.seed).derive("study");
  const plan = evaluationPlan({ ...data, seed: config.seed });
  const sizes = learningSizes(plan, data.classes);
  const total = sizes.length + others;
  let done = 0;
  const rows = Int32Array.from(data.targets.keys());
  return {
    data,
    fitting: {
      linearAlgebra: platform.linearAlgebra,
      random,
      classWeights: config.classWeights,
      signal: options.signal,
    },
    plan,
    sizes,
    part: stratifiedOrder(rows, data, random.derive("layers"))
      .slice(0, Math.max(2 * data.classes, Math.floor(LAYER_WORK / data.classes)))
      .sort(),
    advance: () => options.onProgress?.({ phase: "measure", done: done++, total }),
  };
}

async function measureCurve(
  { data, fitting, plan, sizes, part, advance }: Study,
  spec: BaseSpec,
  manifest: TaskManifest,
): Promise<TaskLearning> {
  const learner = mainViews(await learnerOf(manifest, spec, data, part, fitting), data);
  const tested = testedRows(plan);
  const measurements: SizeMeasurement[] = [];
  for (const size of sizes) {
    advance();
    measurements.push(await measureSize(size, data, plan, tested, learner, fitting));
  }
  return {
    learningCurve:
      measurements.length === 0
        ? undefined
        : forecastLearning(measurements, {
            groups: gather(data.groups, tested),
            examples: data.targets.length,
            seed: manifest.config.seed,
          }),
    learners: learner.chosen.map(({ name }) => name),
  };
}

/**
 * A task's head as it would learn again, from labels alone. Settings that were chosen for a tuned base
 * suit its layers only, and views that learned from unlabelled examples cannot be fitted without them:
 * then settings are chosen anew.
 */
async function learnerOf(
  { head, config, fineTuning }: TaskManifest,
  spec: BaseSpec,
  data: LabelledFeatures,
  part: Int32Array,
  fitting: FitHeadOptions,
): Promise<Learner> {
  const recipes = viewRecipes(spec, config.views, config.head);
  const chosen =
    fineTuning?.kept || !isOf(head, { recipes })
      ? settingsOf(await fitCandidates(data, part, { recipes, baselines: [] }, fitting))
      : head.views;
  return { recipes, chosen: thoseWithWeight(chosen) };
}

/** On large data, the view with the largest weight: the others cost more than they tell. */
export function mainViews(
  { recipes, chosen }: Learner,
  { targets, classes }: LabelledFeatures,
): Learner {
  if (targets.length * classes <= STACK_WORK) return { recipes, chosen };
  const main = chosen.reduce((most, view) => (view.weight > most.weight ? view : most));
  return { recipes, chosen: [{ ...main, weight: 1 }] };
}
