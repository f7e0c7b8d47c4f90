import type { BaseModel, Dataset, Platform } from "@engraft/core";
import { DataError, type DataProblem, listProblems, UsageError } from "@engraft/core";
import type { FitHeadOptions } from "@engraft/core/internal";
import {
  compareCodePoints,
  describeSplits,
  linearModelsOf,
  type Split,
  splitsAt,
  thoseWithWeight,
  WORDS_VIEW,
} from "@engraft/core/internal";
import { withPreprocessing } from "@engraft/core/predict";
import type { ChosenView } from "../format/files/measurement.js";
import {
  continueFolds,
  type Measurement,
  rememberMeasurement,
} from "../format/files/measurement.js";
import type { RecordedExample, TaskRecord } from "../format/files/record.js";
import { isMeasured } from "../format/manifest/manifest.js";
import type { TrainedTask } from "../predict/open-task.js";
import {
  type PreparedTraining,
  type PrepareOptions,
  prepareTraining,
} from "../train/data/prepare-training.js";
import {
  candidatesOf,
  evaluateAndPack,
  measuredAtTheEnd,
  rowsToTrainOn,
} from "../train/evaluate-and-pack.js";
import {
  type Candidates,
  crossValidateAsChosen,
  fitAsChosen,
  settingsOf,
} from "../train/measure/cross-validate.js";
import { isOf } from "../train/measure/out-of-fold.js";
import { trainPrepared } from "../train/train.js";
import { type ChangedLabel, type JoinedExamples, joinExamples } from "./join-examples.js";
import { inputOf } from "./restore-features.js";

export interface ExtendTaskOptions extends PrepareOptions {
  /** Version of Engraft, kept in the task. */
  readonly version: string;
  /** When the work began, in milliseconds since 1970; kept in the task. */
  readonly startedAt: number;
  /** Choose views, regularisation and weights again, however little has changed. */
  readonly search: boolean;
  /**
   * Reads an old image whose layers are not in the feature cache any more.
   *
   * @throws DataError where it is not to be found.
   */
  readonly readImage: (example: RecordedExample) => Promise<Uint8Array>;
}

/** Why views, regularisation and weights were chosen again. */
export type SearchReason =
  /** It was asked for. */
  | "asked"
  /** There are new labels, or one has no example left. */
  | "labels"
  /** Too much was added or got another label since they were chosen. */
  | "growth"
  /** New examples make many old ones of different folds near-duplicates of one another. */
  | "duplicates"
  /** Unlabelled examples take part, and what is chosen depends on them. */
  | "unlabelled"
  /** The names of the labels are not read any more, and the task stacks a view on them. */
  | "views"
  /** The task does not say what was chosen in each split. */
  | "unknown";

/** What more examples changed. */
export interface ExtensionChanges {
  /** Examples that the task did not have. */
  readonly added: number;
  /** Examples of the new data that the task had, with the same label. */
  readonly repeated: number;
  /** Examples of the task that the new data gave another label. */
  readonly relabelled: readonly ChangedLabel[];
  readonly newLabels: readonly string[];
  /** Undefined where the settings of the task were kept. */
  readonly searched: SearchReason | undefined;
}

/** A task with more examples, and what changed. */
export interface ExtendedTask extends ExtensionChanges {
  readonly task: TrainedTask;
}

/** Share of the examples that may change, or no longer be tested, before settings are chosen again. */
const KEEP_SETTINGS_BELOW = 0.1;

/**
 * Adds examples and classes to a task. Old examples are not passed through the base again where the
 * feature cache has their layers.
 *
 * What was chosen out of fold (views, regularisation, weights) is kept as long as little has changed,
 * and the task is measured by the splits of its training, each with what was chosen without the rows
 * that it tests. Otherwise the task is trained as `trainTask` would on all examples.
 *
 * @param base - The frozen base of the task.
 * @throws DataError when an old image is needed and cannot be read, when new examples cannot be
 *   decoded or contradict one another and `skipBad` is not set, or when a label has too few examples.
 * @throws UsageError when the base of the task was fine-tuned.
 */
export async function extendTask(
  task: TrainedTask,
  record: TaskRecord,
  base: BaseModel,
  more: Dataset,
  platform: Platform,
  options: ExtendTaskOptions,
): Promise<ExtendedTask> {
  const { manifest } = task;
  if (manifest.fineTuning?.kept) throw tunedError();
  const frozen = withPreprocessing(base, manifest.preprocessing);
  const missing: DataProblem[] = [];
  const readImage = noting(options.readImage, missing);
  const joined = await joinExamples(record.examples, more, platform, {
    inputOf: (example) => inputOf(example, readImage),
    skippedBefore: manifest.dataset.skipped,
    skipBad: options.skipBad,
    signal: options.signal,
  });
  // What a task was started for is what it is asked: labels without examples are refused.
  const labels = isMeasured(manifest)
    ? joined.dataset.labels
    : [...new Set([...manifest.labels, ...joined.dataset.labels])].sort(compareCodePoints);
  // A tuning that was tried and not kept is not tried again.
  const config = { ...manifest.config, fineTune: undefined };
  const prepared = await prepareTraining(
    frozen,
    { ...joined.dataset, labels },
    config.seed,
    config,
    platform,
    options,
  ).catch((error: unknown) => {
    throw error instanceof DataError && missing.length > 0 ? missingError(missing) : error;
  });
  if (missing.length > 0) throw missingError(missing);

  const old = { ...task, manifest: { ...manifest, config } };
  const candidates = candidatesOf(frozen.spec, config, prepared.examples);
  const plan = planToKeep(old, record, prepared, joined, candidates, options.search);
  const searched = typeof plan === "string" ? plan : undefined;
  const extended =
    typeof plan === "string"
      ? await trainPrepared(frozen, prepared, config, platform, options)
      : await extendAsChosen(old, plan, frozen, prepared, platform, options);
  return {
    task: extended,
    added: joined.added,
    repeated: joined.repeated,
    relabelled: joined.relabelled,
    newLabels: labels.filter((label) => !manifest.labels.includes(label)),
    searched,
  };
}

/** How a task is measured with the settings that it has. */
interface KeepingPlan {
  /** Of the old examples. */
  readonly before: Measurement;
  readonly splits: readonly Split[];
  /** Examples that were added or got another label since settings were chosen. */
  readonly changedSince: number;
}

/** How to keep the settings of a task, or why they are chosen again. */
function planToKeep(
  { manifest }: TrainedTask,
  { measurement: before }: TaskRecord,
  { data, examples, random }: PreparedTraining,
  { dataset, added, relabelled }: JoinedExamples,
  candidates: Candidates,
  asked: boolean,
): KeepingPlan | SearchReason {
  if (asked) return "asked";
  if (dataset.unlabelled?.length || manifest.unlabelled?.used) return "unlabelled";
  if (before === undefined) return "unknown";
  if (!isOf(manifest.head, candidates)) return "views";
  const { labels } = dataset;
  if (labels.length !== manifest.labels.length) return "labels";
  if (labels.some((label, index) => label !== manifest.labels[index])) return "labels";
  const changedSince = before.changedSince + added + relabelled.length;
  if (changedSince > KEEP_SETTINGS_BELOW * before.chosenOn) return "growth";
  const foldOfRow = continueFolds(
    before,
    examples.groups.subarray(0, data.trainRows),
    examples.targets.subarray(0, data.trainRows),
    random.derive("extend"),
  );
  const tested = before.folds.filter((fold) => fold >= 0).length;
  const still = before.folds.filter((fold, row) => fold >= 0 && foldOfRow[row] === fold).length;
  if (still < (1 - KEEP_SETTINGS_BELOW) * tested) return "duplicates";
  return { before, splits: splitsAt(foldOfRow, before.splits.length), changedSince };
}

/** Measures and fits the head again with what was chosen before. */
async function extendAsChosen(
  task: TrainedTask,
  { before, splits, changedSince }: KeepingPlan,
  base: BaseModel,
  prepared: PreparedTraining,
  platform: Platform,
  options: ExtendTaskOptions,
): Promise<TrainedTask> {
  const { config } = task.manifest;
  const { data, examples, random } = prepared;
  const { onProgress } = options;
  const candidates = candidatesOf(base.spec, config, examples);
  const trainRows = rowsToTrainOn(data);
  const fitting: FitHeadOptions = {
    linearAlgebra: platform.linearAlgebra,
    random,
    classWeights: config.classWeights,
    signal: options.signal,
  };
  const heldOut = await crossValidateAsChosen(before.splits, examples, splits, candidates, {
    ...fitting,
    onProgress,
  });
  onProgress?.({ phase: "fit", done: 0, total: 1 });
  const final = await fitAsChosen(
    chosenBefore(task, before),
    examples,
    trainRows,
    measuredAtTheEnd(data, candidates),
    { ...fitting, random: random.derive("final") },
  );
  const { chosenOn } = before;
  const remembered = rememberMeasurement(splits, heldOut.fitted.map(settingsOf), trainRows.length);
  return evaluateAndPack(base, prepared, config, platform, {
    candidates,
    heldOut,
    final,
    method:
      `${describeSplits(splits)}; views, regularisation and weights as chosen on ${chosenOn} ` +
      "examples, in each split without the rows that it tests",
    measurement: remembered && { ...remembered, chosenOn, changedSince },
    namesBefore: task.manifest.names,
    version: options.version,
    startedAt: options.startedAt,
  });
}

/** What was chosen for the head of a task, and where its fits ended. */
function chosenBefore(
  { manifest: { head }, head: model, tfidf }: TrainedTask,
  { splits }: Measurement,
): ChosenView[] {
  const models = head.kind === "logistic" ? linearModelsOf(model) : [];
  const counting = thoseWithWeight(head.views);
  const views = head.views.map((view): ChosenView => {
    const linear = models[counting.indexOf(view)];
    return { ...view, linear, tfidf: view.name === WORDS_VIEW ? tfidf : undefined };
  });
  // Baselines that are no views of the head were chosen in the splits alone.
  const beside = splits[0]!.filter(({ name }) => !views.some((view) => view.name === name));
  return [...views, ...beside];
}

/** Reads old images, and notes those that cannot be read. */
function noting(
  readImage: ExtendTaskOptions["readImage"],
  missing: DataProblem[],
): ExtendTaskOptions["readImage"] {
  return async (example) => {
    try {
      return await readImage(example);
    } catch (error) {
      if (error instanceof DataError) missing.push({ where: example.source, what: error.message });
      throw error;
    }
  };
}

function missingError(problems: readonly DataProblem[]): DataError {
  return new DataError(
    "data/unreadable",
    `The layers of ${problems.length} images of the task are not in the feature cache, and the ` +
      "images were not found. Say where they are (option oldData): in the place that the task was " +
      `trained on:\n${listProblems(problems, MAX_LISTED)}`,
    { problems },
  );
}

const MAX_LISTED = 20;

function tunedError(): UsageError {
  return new UsageError(
    "The base of this task was fine-tuned on its examples. A head that is fitted on it again cannot " +
      "be measured on them, because the base has seen all of them. Train again on all data, with " +
      "fine-tuning (option fineTune).",
  );
}
