import type { BaseModel, Dataset, OnTrainingEvent, OpenStepEngine, Platform } from "@engraft/core";
import { UsageError } from "@engraft/core";
import type { FitHeadOptions } from "@engraft/core/internal";
import { fineTuneConfig } from "@engraft/core/internal";
import type { TrainConfig } from "../format/config.js";
import { rememberMeasurement } from "../format/measurement.js";
import { crossValidate, fitContenders, refitContenders, settingsOf } from "./compare.js";
import { type ExaminedData, examine } from "./examine.js";
import { fineTuneBehindGate } from "./fine-tune.js";
import {
  contendersOf,
  finishTask,
  measuredAtTheEnd,
  otherRows,
  rowsToTrainOn,
  truthOf,
} from "./finish.js";
import type { TrainedTask } from "./pack.js";
import type { PassOptions } from "./read-layers.js";

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
  const examined = await examine(frozen, dataset, config.seed, platform, options);
  return trainExamined(frozen, examined, config, platform, options);
}

/**
 * Trains a task on examples whose layers were read.
 *
 * @param base - With the preprocessing that the layers were read by.
 */
export async function trainExamined(
  base: BaseModel,
  examined: ExaminedData,
  config: TrainConfig,
  platform: Platform,
  options: TrainTaskOptions,
): Promise<TrainedTask> {
  const { spec } = base;
  const { data, examples, plan, random } = examined;
  const contenders = contendersOf(spec, config);
  const fitting: FitHeadOptions = {
    linearAlgebra: platform.linearAlgebra,
    random,
    classWeights: config.classWeights,
    abort: options.abort,
  };
  const { onProgress } = options;
  const heldOut = await crossValidate(examples, plan.splits, contenders, {
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
      otherRows(data),
      truthOf(examined),
      onProgress,
    ));

  onProgress?.({ phase: "fit", done: 0, total: 1 });
  const fittingAll = { ...fitting, random: random.derive("final") };
  const wanted = measuredAtTheEnd(data, contenders);
  const final =
    plan.method === "holdout"
      ? await refitContenders(heldOut.fitted.at(-1)!, examples, trainRows, wanted, fittingAll)
      : await fitContenders(examples, trainRows, wanted, fittingAll);
  const chosen = heldOut.fitted.map(settingsOf);
  return finishTask(base, examined, config, platform, {
    contenders,
    heldOut,
    final,
    tuning,
    method: plan.description,
    measurement: rememberMeasurement(plan.splits, chosen, data.trainRows),
    version: options.version,
    startedAt: options.startedAt,
  });
}

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
