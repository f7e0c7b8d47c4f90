import { type DataProblem, UsageError } from "@engraft/core";
import type { NextBatch } from "../label/next-batch.js";
import { type ChosenBy, type SuggestedInput, suggestInputs } from "../label/suggest.js";
import type { UnlabelledSource } from "../sources/source.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";
import { forecastNextBatch } from "./next-batch.js";
import { passOf, readingOf, type WorkOptions } from "./options.js";
import { collectInputs, type UnlabelledPlaces } from "./unlabelled.js";

/** How many inputs are suggested unless asked otherwise: an hour or so of labelling. */
export const DEFAULT_SUGGESTIONS = 50;

/** How inputs to label next are chosen. */
export interface SuggestOptions extends WorkOptions {
  /** How many inputs to suggest. Default 50. */
  readonly count?: number | undefined;
  /**
   * Forecast what their labels will bring, from a learning curve of the task that is measured for it,
   * and compare that with settling labels that look wrong. Default true.
   */
  readonly forecast?: boolean | undefined;
}

/** Inputs to label next, what could not be read, and what their labels will bring. */
export interface Suggestions {
  /** In the order in which to label them. */
  readonly suggested: readonly SuggestedInput[];
  /** With few examples of each label inputs are typical of clusters, later the task is uncertain of them. */
  readonly chosenBy: ChosenBy;
  /** Inputs that have a label already, or are copies of training examples or nearly so. */
  readonly passedOver: number;
  readonly skipped: readonly DataProblem[];
  /** What the labels of these will bring; undefined where it was not asked for. */
  readonly next: NextBatch | undefined;
}

/** Chooses inputs to label next; `Task.suggest` is its form for programs. */
export async function suggest(
  task: TaskHandle,
  source: UnlabelledSource | UnlabelledPlaces,
  options: SuggestOptions,
  workspace: Workspace,
): Promise<Suggestions> {
  const { host, bases } = workspace;
  const { trained } = task;
  const { modality } = trained.manifest;
  const { count = DEFAULT_SUGGESTIONS, forecast = true } = options;
  requireCount(count);
  const former = task.data === undefined ? undefined : await host.data.folderOf(task.data);
  const { purpose: _, ...reading } = readingOf(options, "evaluate", former);
  const asked = { ...reading, modality, labels: true };
  const { inputs, problems } = await collectInputs(source, asked, host);
  const record = await task.memory.find();
  const base = await bases.openTuned(trained, task.name);
  const pass = passOf(options, base, workspace);
  const chosen = await suggestInputs(trained, record, base, inputs, count, host, pass);
  const next = forecast
    ? await forecastNextBatch(task, record, chosen.suggested.length, options, workspace)
    : undefined;
  return { ...chosen, skipped: [...problems, ...chosen.skipped], next };
}

/** @throws UsageError when it is no number of inputs. */
export function requireCount(count: number): void {
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new UsageError(`count is a whole number above 0, not ${count}.`);
}
