import {
  type BaseModel,
  type BaseSpec,
  type Dataset,
  type OnTrainingEvent,
  UsageError,
} from "@engraft/core";
import { baseOfTask, leftOutViews, type ViewChoice } from "@engraft/core/internal";
import { parseOr } from "@engraft/core/predict";
import { DEFAULT_BASE } from "../bases/registry.js";
import {
  type TrainConfig,
  type TrainConfigInput,
  trainConfigSchema,
} from "../format/manifest/config.js";
import { trainingWarnings } from "../format/manifest/warnings.js";
import type { TrainedTask } from "../predict/open-task.js";
import { requireModality } from "../sources/open-inputs.js";
import type { RunOptions } from "../sources/options.js";
import type { DataSource, UnlabelledSource } from "../sources/source.js";
import type { ClassShares } from "../train/data/class-shares.js";
import { startTask } from "../train/start.js";
import { trainTask } from "../train/train.js";
import type { Workspace } from "../workspace.js";
import { passOf, readingOf, type WorkOptions } from "./options.js";
import { rememberLocation, saveTask } from "./save.js";
import { type UnlabelledPlaces, withoutLabels, withUnlabelled } from "./unlabelled.js";

/** What to train, and how; every part has a default. */
export interface TrainOptions extends TrainConfigInput, WorkOptions {
  /**
   * Examples without a label, which say how inputs of this kind vary: a place, several, or inputs. What
   * they were worth is measured, and where they help they are used. Rows of the data without a label
   * are added to them.
   */
  readonly unlabelled?: UnlabelledSource | UnlabelledPlaces | undefined;
  /**
   * What part of the unlabelled examples has each label, by label, where it is known: `{ spam: 0.28,
   * ham: 0.72 }`. Default: they are taken to be equally frequent.
   */
  readonly classShares?: ClassShares | undefined;
  /**
   * Keep vectors of the unlabelled examples in the task, to classify by their neighbours: right more often
   * with few labels. They are numbers, no texts or images, but say something about each example.
   * Default: no unlabelled example is kept in any form.
   */
  readonly keepUnlabelled?: boolean | undefined;
  /**
   * The labels of a task on texts none of which has a label yet: the task starts from the names of the
   * labels, or their descriptions, and from the texts. Nothing measures it until it is extended with
   * labelled examples. Default: the labels of the data.
   */
  readonly labels?: readonly string[] | undefined;
  /** Where to write the task; left out, the task is only in memory until it is saved. */
  readonly output?: string | undefined;
  /** Told what happens while the base is fine-tuned: every update, with its loss. */
  readonly onTrainingEvent?: OnTrainingEvent | undefined;
}

/** A task that was trained, and the base that it predicts with. */
export interface TrainedWithBase {
  readonly trained: TrainedTask;
  readonly base: BaseModel;
  /** The place of the data, or of its images; undefined where it was no place. */
  readonly data: string | undefined;
}

/**
 * Trains a task; `Engraft.train` is its form for programs.
 *
 * @param source - With the option `labels`, texts without labels.
 */
export async function train(
  source: DataSource | UnlabelledSource,
  options: TrainOptions,
  workspace: Workspace,
): Promise<TrainedWithBase> {
  const { host, bases } = workspace;
  const startedAt = host.clock.now();
  const config = parseConfig(options);
  const { output, onWarning } = options;
  // Known now rather than after the work.
  const place = output === undefined ? undefined : await host.tasks.prepare(output);
  const dataset = await datasetOf(source, options, workspace);
  const usual = DEFAULT_BASE[dataset.modality];
  const base = await bases.open(config.base ?? usual, config);
  const { spec } = base;
  const advice = `Leave the base out, or use ${usual}.`;
  requireModality(`Base model ${spec.id}`, spec.modality, dataset, advice);
  if (config.head === "logistic") warnOfLeftOutViews(spec, config.views, onWarning);
  const fit = options.labels === undefined ? trainTask : startTask;
  const finished = await fit(base, dataset, config, host, {
    ...passOf(options, base, workspace),
    classShares: options.classShares,
    keepUnlabelled: options.keepUnlabelled,
    version: host.version,
    startedAt,
    openStepEngine: host.openStepEngine,
    onTrainingEvent: options.onTrainingEvent,
  });
  const { imageFolder = source } = options;
  const data = typeof imageFolder === "string" ? imageFolder : undefined;
  const trained = rememberLocation(finished, output, data, host);
  if (place !== undefined) await saveTask(trained, output ?? "", place, onWarning);
  for (const warning of trainingWarnings(trained.manifest)) onWarning?.(warning);
  return { trained, data, base: await baseOfTask(base, trained.files, host) };
}

/** The examples, labelled or not. */
async function datasetOf(
  source: DataSource | UnlabelledSource,
  options: TrainOptions,
  workspace: Workspace,
): Promise<Dataset> {
  const { labels, unlabelled } = options;
  const dataset =
    labels === undefined
      ? await workspace.host.data.dataset(source as DataSource, readingOf(options, "train"))
      : await withoutLabels(source as UnlabelledSource, labels, options, workspace);
  return withUnlabelled(dataset, unlabelled, options, workspace);
}

/** Says which views a base of too few taps does not have. */
export function warnOfLeftOutViews(
  spec: BaseSpec,
  choice: ViewChoice,
  onWarning: RunOptions["onWarning"],
): void {
  const names = leftOutViews(spec, choice);
  if (names.length === 0) return;
  const taps = spec.taps.map(({ name }) => name).join(", ");
  onWarning?.(
    `Base model ${spec.id} can be read at ${spec.taps.length} of its values only (${taps}). Left out, ` +
      `because they would have no layers of their own: ${names.join(", ")}.`,
  );
}

/** The configuration among the options. */
function parseConfig(options: TrainOptions): TrainConfig {
  const { base, preprocess, bind, views, head, classWeights } = options;
  const { maxTokens, fineTune, keepExamples, descriptions, seed } = options;
  const how = { base, preprocess, bind, views, head, classWeights, descriptions };
  return parseOr(
    trainConfigSchema,
    { ...how, maxTokens, fineTune, keepExamples, seed },
    (place, message) =>
      new UsageError(`The training configuration is not valid at "${place}": ${message}.`),
  );
}
