import type { BaseModel } from "../bases/base.js";
import type { BaseSpec } from "../bases/spec.js";
import type { Dataset } from "../dataset/dataset.js";
import { UsageError } from "../errors.js";
import { meanPrediction } from "../evaluate/mean-prediction.js";
import type { Prediction } from "../evaluate/metrics.js";
import { fineTuneConfig } from "../finetune/config.js";
import type { FitHeadOptions } from "../heads/stacked-head.js";
import { baselineRecipe, lastLayerRecipe, viewRecipes } from "../heads/views.js";
import type { Platform } from "../platform.js";
import type { OnTrainingEvent } from "../train/events.js";
import type { OpenStepEngine } from "../train/step-engine.js";
import {
  type Contenders,
  crossValidate,
  fitContenders,
  predictContenders,
  refitContenders,
} from "./compare.js";
import type { TrainConfig } from "./config.js";
import { embeddingsOf } from "./embeddings.js";
import { examine } from "./examine.js";
import { comparedFigures } from "./figures.js";
import { fineTuneBehindGate } from "./fine-tune.js";
import type { ComparedFigures } from "./manifest.js";
import { packTask, type TrainedTask } from "./pack.js";
import type { PassOptions, ReadData } from "./read-layers.js";
import type { TaskRecord } from "./record.js";
import { measureTrust } from "./trust.js";

export interface TrainTaskOptions extends PassOptions {
  /** Version of Engraft, kept in the task. */
  readonly version: string;
  /** When the work began, in milliseconds since 1970; kept in the task. */
  readonly startedAt: number;
  /** Where fine-tuning runs; needed only where the configuration asks for it. */
  readonly openStepEngine?: OpenStepEngine | undefined;
  /** Told what happens while the base is fine-tuned. */
  readonly onTrainingEvent?: OnTrainingEvent | undefined;
}

/**
 * Trains a task: one pass of the frozen base over all examples, the head measured by nested
 * cross-validation, and the head that is kept fitted on all training examples.
 *
 * @throws DataError when examples cannot be decoded, or too few are left.
 */
export async function trainTask(
  base: BaseModel,
  dataset: Dataset,
  config: TrainConfig,
  platform: Platform,
  options: TrainTaskOptions,
): Promise<TrainedTask> {
  const frozen = withMaxTokens(base, config.maxTokens);
  const { spec } = frozen;
  const examined = await examine(frozen, dataset, config.seed, platform, options);
  const { data, examples, nearDuplicates, plan, random } = examined;

  const contenders: Contenders = {
    recipes: viewRecipes(spec, config.views, config.head),
    baselines: [baselineRecipe(spec), lastLayerRecipe(spec)],
  };
  const fitting: FitHeadOptions = {
    linearAlgebra: platform.linearAlgebra,
    random,
    classWeights: config.classWeights,
    abort: options.abort,
  };
  const truth = { targets: examples.targets, groups: examples.groups, labels: data.labels };
  const { onProgress } = options;
  const heldOut = await crossValidate(examples, plan.splits, contenders, {
    ...fitting,
    onProgress,
  });

  const trainRows = Int32Array.from({ length: data.trainRows }, (_, row) => row);
  const others = OTHER_SPLITS.filter((split) => data.otherSplits[split].length > 0);
  const record = {
    nearDuplicates,
    version: options.version,
    startedAt: options.startedAt,
  };
  const tuning =
    config.fineTune &&
    (await fineTuneBehindGate(
      {
        base: frozen,
        examples,
        inputs: data.inputs,
        recipes: contenders.recipes,
        config: fineTuneConfig(config.fineTune, spec.modality),
        platform: { ...platform, openStepEngine: requireEngine(options) },
        fitting: { ...fitting, random: random.derive("fine-tune") },
        seed: config.seed,
        onTrainingEvent: options.onTrainingEvent,
      },
      plan.splits,
      heldOut,
      trainRows,
      others.map((split) => data.otherSplits[split]),
      truth,
      onProgress,
    ));

  onProgress?.({ phase: "fit", done: 0, total: 1 });
  const fittingAll = { ...fitting, random: random.derive("final") };
  // Without other splits nothing is measured on this fit, and its baselines are not needed.
  const wanted = others.length > 0 ? contenders : { ...contenders, baselines: [] };
  const final =
    plan.method === "holdout"
      ? await refitContenders(heldOut.last, examples, trainRows, wanted, fittingAll)
      : await fitContenders(examples, trainRows, wanted, fittingAll);
  const measured: { val?: ComparedFigures; test?: ComparedFigures } = {};
  for (const [index, split] of others.entries()) {
    const rows = data.otherSplits[split];
    const { head, baselines } = await predictContenders(final, examples, rows, contenders, fitting);
    const alone = new Map(Array.from(baselines, ([name, prediction]) => [name, [prediction]]));
    const tuned = tuning?.kept?.predictions[index];
    if (tuned !== undefined) alone.set("frozen", [head]);
    measured[split] = comparedFigures({ head: [tuned ?? head], baselines: alone }, truth);
  }
  const evaluation = {
    method: plan.description,
    outOfFold: tuning?.kept?.outOfFold ?? comparedFigures(heldOut, truth),
    ...measured,
  };
  const outOfFold = meanPrediction(tuning?.kept?.heldOut ?? heldOut.head);
  return packTask(tuning?.kept?.task.head ?? final.head, frozen, config, data, platform, {
    ...record,
    evaluation,
    trust: measureTrust(outOfFold, examples.targets),
    examples: config.keepExamples ? recordOf(data, examples.groups, outOfFold, spec) : undefined,
    fineTuning: tuning?.record,
    adapterFile: tuning?.kept?.task.adapterFile,
  });
}

/** What a task remembers of its training rows. */
function recordOf(
  { examples, inputs, sources, digests, labels, trainRows }: ReadData,
  groups: Int32Array,
  outOfFold: Prediction,
  spec: BaseSpec,
): TaskRecord {
  return {
    examples: inputs.slice(0, trainRows).map((input, row) => ({
      source: sources[row]!,
      label: labels[examples.targets[row]!]!,
      digest: digests[row]!,
      text: input.kind === "text" ? input.text : undefined,
    })),
    outOfFold,
    embeddings: embeddingsOf(examples.table, spec, trainRows),
    groups: groups.subarray(0, trainRows),
  };
}

/** Splits that only measure. */
const OTHER_SPLITS = ["val", "test"] as const;

function requireEngine({ openStepEngine }: TrainTaskOptions): OpenStepEngine {
  if (openStepEngine !== undefined) return openStepEngine;
  throw new UsageError(
    "Nothing here can fine-tune a base. Leave `fineTune` out of the configuration.",
  );
}

/** The same base, cutting texts earlier or later than it was made for. */
function withMaxTokens(base: BaseModel, maxTokens: number | undefined): BaseModel {
  const { preprocessing } = base.spec;
  if (maxTokens === undefined || preprocessing.kind !== "text") return base;
  if (maxTokens > preprocessing.positions) {
    throw new UsageError(
      `Base model ${base.spec.id} reads at most ${preprocessing.positions} tokens, and ${maxTokens} ` +
        `were asked for. Leave maxTokens out to use ${preprocessing.maxTokens}.`,
    );
  }
  return { ...base, spec: { ...base.spec, preprocessing: { ...preprocessing, maxTokens } } };
}
