import type { Dataset } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { measuredSplit } from "@engraft/core/predict";
import { compareTasks, type TaskComparison } from "../evaluate/compare-tasks.js";
import { type Evaluation, evaluateTask } from "../evaluate/evaluate.js";
import { type TrainingSet, trainingSetOf } from "../evaluate/trained-on.js";
import { requireModality } from "../sources/open-inputs.js";
import type { ReadingOptions, RunOptions } from "../sources/options.js";
import type { DataSource } from "../sources/source.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";
import { readingOf } from "./options.js";

/** How a task is measured. */
export interface EvaluateSourceOptions extends ReadingOptions, RunOptions {}

/** Measures a task on labelled data; `Task.evaluate` is its form for programs. */
export async function evaluate(
  task: TaskHandle,
  source: DataSource,
  options: EvaluateSourceOptions,
  workspace: Workspace,
): Promise<Evaluation> {
  const dataset = await openFor(task, source, options, workspace);
  const { labels } = task.trained.manifest;
  const trainingSet = await trainingSetFor(task, workspace);
  const { skipBad, signal, onProgress } = options;
  const how = { skipBad, signal, onProgress, trainingSet };
  const evaluation = await evaluateTask(await task.open(), labels, measuredSplit(dataset), how);
  return { ...evaluation, skipped: [...dataset.skipped, ...evaluation.skipped] };
}

/** Compares two tasks on labelled data; `Task.compare` is its form for programs. */
export async function compare(
  first: TaskHandle,
  second: TaskHandle,
  source: DataSource,
  options: EvaluateSourceOptions,
  workspace: Workspace,
): Promise<TaskComparison> {
  if (first.trained.manifest.modality !== second.trained.manifest.modality) {
    throw new UsageError("One of the tasks reads texts and the other images.");
  }
  const dataset = await openFor(first, source, options, workspace);
  const both = [await first.open(), await second.open()] as const;
  const known = [
    await trainingSetFor(first, workspace),
    await trainingSetFor(second, workspace),
  ] as const;
  const { skipBad, signal, onProgress } = options;
  return compareTasks(both, measuredSplit(dataset), known, { skipBad, signal, onProgress });
}

async function openFor(
  { trained: { manifest }, name }: TaskHandle,
  source: DataSource,
  options: EvaluateSourceOptions,
  { host }: Workspace,
): Promise<Dataset> {
  const dataset = await host.data.dataset(source, readingOf(options, "evaluate"));
  requireModality(name, manifest.modality, dataset);
  return dataset;
}

/** What a task was trained on; undefined where it keeps no examples. */
export async function trainingSetFor(
  { memory }: Pick<TaskHandle, "memory">,
  { host }: Workspace,
): Promise<TrainingSet | undefined> {
  const examples = await memory.examples();
  return examples && trainingSetOf(examples, host);
}
