import type { LearningCurve } from "@engraft/core/internal";
import { targetsOf } from "@engraft/core/predict";
import type { TaskRecord } from "../format/files/record.js";
import { describeLabelError, judgeLabels } from "../label/label-errors.js";
import { adviseNext, type NextBatch } from "../label/next-batch.js";
import { measureLearning } from "../study/study.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";
import type { WorkOptions } from "./options.js";
import { findImages, restoreExamples } from "./restore-examples.js";

/** What is known of how a task learns, or why nothing is. */
type Learning =
  | { readonly curve: LearningCurve; readonly learners: readonly string[] }
  | { readonly unknown: string };

/** Forecasts what labels for `count` more examples will bring, beside settling those that look wrong. */
export async function forecastNextBatch(
  task: TaskHandle,
  record: TaskRecord | undefined,
  count: number,
  options: WorkOptions,
  workspace: Workspace,
): Promise<NextBatch> {
  const { manifest } = task.trained;
  if (record === undefined) return adviseNext(count, { unknown: KEEPS_NO_EXAMPLES }, undefined);
  const learning = await learningOf(task, record, options, workspace);
  const targets = targetsOf(record.examples, manifest.labels);
  const suspects = await judgeLabels({ ...record, targets }, workspace.host.linearAlgebra);
  return adviseNext(count, learning, {
    judged: record.outOfFold.rows.length,
    suspects: suspects.map((suspect) => describeLabelError(suspect, manifest.labels, record)),
  });
}

/** Measures the learning curve of a task, where that is possible. */
async function learningOf(
  task: TaskHandle,
  record: TaskRecord,
  options: WorkOptions,
  workspace: Workspace,
): Promise<Learning> {
  const { manifest } = task.trained;
  if (manifest.fineTuning?.kept) return { unknown: IS_TUNED };
  const { bases, host } = workspace;
  const base = await bases.openFrozen(manifest, task.name);
  const images = await findImages(task, { signal: options.signal }, workspace);
  const restored = await restoreExamples(base, manifest, record, images, options, workspace);
  const { examples, missing } = restored;
  const [lost] = missing;
  if (lost !== undefined) return { unknown: lost };
  if (examples === undefined) return { unknown: TOO_FEW };
  const { signal, onProgress } = options;
  const study = await measureLearning(examples, base.spec, manifest, host, { signal, onProgress });
  const { learningCurve: curve, learners } = study;
  return curve === undefined ? { unknown: TOO_FEW } : { curve, learners };
}

const KEEPS_NO_EXAMPLES =
  "The task keeps no examples, so that it has no learning curve. Train it again and keep them (option keepExamples).";
const IS_TUNED =
  "The base of the task was fine-tuned; a learning curve would take tuning it anew for every size.";
const TOO_FEW = "There are too few examples to see how the task learns from them.";
