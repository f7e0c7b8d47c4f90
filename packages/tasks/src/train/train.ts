import type { BaseModel, Dataset, OnTrainingEvent, OpenStepEngine, Platform } from "@engraft/core";
import { UsageError } from "@engraft/core";
import {
  fineTuneConfig,
  NAMES_VIEW,
  readUnlabelled,
  type Unlabelled,
} from "@engraft/core/internal";
import { withPreprocessing } from "@engraft/core/predict";
import { rememberMeasurement } from "../format/files/measurement.js";
import type { TrainConfig } from "../format/manifest/config.js";
import type { TrainedTask } from "../predict/open-task.js";
import type { PassOptions } from "./data/extract-dataset.js";
import { requireUsableDescriptions } from "./data/label-names.js";
import {
  type PreparedTraining,
  type PrepareOptions,
  prepareTraining,
} from "./data/prepare-training.js";
import {
  candidatesOf,
  evaluateAndPack,
  measuredAtTheEnd,
  otherRows,
  rowsToTrainOn,
  truthOf,
} from "./evaluate-and-pack.js";
import {
  type Candidates,
  crossValidate,
  type FitCandidatesOptions,
  fitCandidates,
  refitCandidates,
  settingsOf,
} from "./measure/cross-validate.js";
import { fineTuneBehindGate } from "./tuning/fine-tune.js";

export interface TrainTaskOptions extends PrepareOptions {
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
 * @throws UsageError when labels are described that the data does not have, or that cannot be learned
 *   from.
 */
export async function trainTask(
  base: BaseModel,
  dataset: Dataset,
  config: TrainConfig,
  platform: Platform,
  options: TrainTaskOptions,
): Promise<TrainedTask> {
  const frozen = withMaxTokens(base, config.maxTokens);
  requireUsableDescriptions(config, base.spec, dataset.labels);
  const prepared = await prepareTraining(frozen, dataset, config.seed, config, platform, options);
  return trainPrepared(frozen, prepared, config, platform, options);
}

/**
 * Trains a task on examples whose layers were read.
 *
 * @param base - With the preprocessing that the layers were read by.
 */
export async function trainPrepared(
  base: BaseModel,
  prepared: PreparedTraining,
  config: TrainConfig,
  platform: Platform,
  options: TrainTaskOptions,
): Promise<TrainedTask> {
  const { spec } = base;
  const { data, examples, plan, random } = prepared;
  const candidates = candidatesOf(spec, config, examples);
  const { onProgress } = options;
  const fitting: FitCandidatesOptions = {
    linearAlgebra: platform.linearAlgebra,
    random,
    classWeights: config.classWeights,
    signal: options.signal,
    unlabelled: await unlabelledOf(prepared, candidates, config, platform, options),
  };
  const heldOut = await crossValidate(examples, plan.splits, candidates, {
    ...fitting,
    onProgress,
  });

  const trainRows = rowsToTrainOn(data);
  const tuning =
    config.fineTune &&
    (await fineTuneBehindGate(
      {
        base,
        examples,
        inputs: data.inputs,
        // What a tuned base makes of names is not read.
        recipes: candidates.recipes.filter(({ name }) => name !== NAMES_VIEW),
        config: fineTuneConfig(config.fineTune, spec.modality),
        platform: { ...platform, openStepEngine: requireEngine(options) },
        fitting: { ...fitting, random: random.derive("fine-tune") },
        seed: config.seed,
        onTrainingEvent: options.onTrainingEvent,
      },
      plan.splits,
      heldOut,
      trainRows,
      otherRows(data),
      truthOf(prepared),
      onProgress,
    ));

  onProgress?.({ phase: "fit", done: 0, total: 1 });
  const fittingAll = { ...fitting, random: random.derive("final") };
  const wanted = measuredAtTheEnd(data, candidates);
  const isRefitted = plan.method === "holdout" && fitting.unlabelled === undefined;
  const final = isRefitted
    ? await refitCandidates(heldOut.fitted.at(-1)!, examples, trainRows, wanted, fittingAll)
    : await fitCandidates(examples, trainRows, wanted, fittingAll);
  const chosen = heldOut.fitted.map(settingsOf);
  return evaluateAndPack(base, prepared, config, platform, {
    candidates,
    heldOut,
    final,
    tuning,
    method: plan.description,
    // What was chosen depends on the unlabelled examples, which a task does not keep.
    measurement: fitting.unlabelled
      ? undefined
      : rememberMeasurement(plan.splits, chosen, data.trainRows),
    version: options.version,
    startedAt: options.startedAt,
  });
}

/** What the unlabelled examples tell; undefined where there are none, or too few. */
async function unlabelledOf(
  { data, examples, unlabelled, classShares, keepUnlabelled }: PreparedTraining,
  { recipes }: Candidates,
  config: TrainConfig,
  { linearAlgebra }: Platform,
  { signal, onProgress }: PassOptions,
): Promise<Unlabelled | undefined> {
  if (data.unlabelled.length > 0 && (config.views === "last" || config.head !== "logistic")) {
    throw new UsageError(
      "Only a stack of views learns from unlabelled examples. Leave out the options views and head, " +
        "or the unlabelled examples.",
    );
  }
  if (unlabelled.length < LEAST_UNLABELLED) return undefined;
  onProgress?.({ phase: "unlabelled", done: 0, total: 1 });
  const labelled = rowsToTrainOn(data);
  return readUnlabelled(examples, recipes, unlabelled, labelled, {
    linearAlgebra,
    signal,
    classShares,
    keep: keepUnlabelled,
  });
}

/** Fewer say nothing about how inputs vary. */
export const LEAST_UNLABELLED = 20;

function requireEngine({ openStepEngine }: TrainTaskOptions): OpenStepEngine {
  if (openStepEngine !== undefined) return openStepEngine;
  throw new UsageError(
    "Nothing here can fine-tune a base. Leave `fineTune` out of the configuration.",
  );
}

/** The same base, cutting texts earlier or later than it was made for. */
export function withMaxTokens(base: BaseModel, maxTokens: number | undefined): BaseModel {
  const { preprocessing } = base.spec;
  if (maxTokens === undefined || preprocessing.kind !== "text") return base;
  if (maxTokens > preprocessing.positions) {
    throw new UsageError(
      `Base model ${base.spec.id} reads at most ${preprocessing.positions} tokens, and ${maxTokens} ` +
        `were asked for. Leave maxTokens out to use ${preprocessing.maxTokens}.`,
    );
  }
  return withPreprocessing(base, { ...preprocessing, maxTokens });
}
