import type { DataProblem } from "@engraft/core";
import { lookAlikeWarning, truncationWarning } from "../format/warnings.js";
import { type LabelReview, reviewLabels } from "../label/relabel.js";
import { type SuggestedInput, suggestInputs } from "../label/suggest.js";
import { unpredictable } from "../predict/unpredictable.js";
import { openInputs, requireModality } from "../sources/open-inputs.js";
import type { DataSource, NamedInput, UnlabelledSource } from "../sources/source.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";
import { passOf, readingOf, type WorkOptions } from "./options.js";

/** How many inputs are suggested unless asked otherwise: an hour or so of labelling. */
export const DEFAULT_SUGGESTIONS = 50;

/** How inputs to label next are chosen. */
export interface SuggestOptions extends WorkOptions {
  /** How many inputs to suggest. Default 50. */
  readonly count?: number | undefined;
}

/** Inputs to label next, and what could not be read. */
export interface Suggestions {
  /** In the order in which to label them. */
  readonly suggested: readonly SuggestedInput[];
  readonly skipped: readonly DataProblem[];
}

/** Finds labels that are probably wrong; `Task.findLabelErrors` is its form for programs. */
export async function findLabelErrors(
  task: TaskHandle,
  source: DataSource,
  options: WorkOptions,
  workspace: Workspace,
): Promise<LabelReview> {
  const { host, bases } = workspace;
  const { manifest } = task.trained;
  const former = task.data === undefined ? undefined : await host.data.folderOf(task.data);
  const dataset = await host.data.dataset(source, readingOf(options, "train", former));
  requireModality(task.name, manifest.modality, dataset);
  // The frozen base: weights that have learned the labels would repeat them.
  const base = await bases.openFrozen(manifest, task.name);
  const pass = passOf(options, base.spec.id, workspace);
  const review = await reviewLabels(manifest, base, dataset, host, pass);
  const warnings = [
    lookAlikeWarning(review.lookAlikes),
    truncationWarning(review.truncation, manifest),
  ];
  for (const warning of warnings) if (warning !== undefined) options.onWarning?.(warning);
  return review;
}

/** Chooses inputs to label next; `Task.suggest` is its form for programs. */
export async function suggest(
  task: TaskHandle,
  source: UnlabelledSource,
  options: SuggestOptions,
  workspace: Workspace,
): Promise<Suggestions> {
  const { host, bases } = workspace;
  const { modality } = task.trained.manifest;
  const { count = DEFAULT_SUGGESTIONS, skipBad = false } = options;
  const former = task.data === undefined ? undefined : await host.data.folderOf(task.data);
  const { purpose: _, ...reading } = readingOf(options, "evaluate", former);
  const unlabelled: NamedInput[] = [];
  const skipped: DataProblem[] = [];
  for await (const found of openInputs(source, host, { ...reading, modality })) {
    if ("input" in found) unlabelled.push(found);
    else skipped.push(found);
  }
  if (skipped.length > 0 && !skipBad) throw unpredictable(skipped);
  const base = await bases.openTuned(task.trained, task.name);
  const pass = passOf(options, base.spec.id, workspace);
  const suggested = await suggestInputs(task.trained, base, unlabelled, count, host, pass);
  return { suggested, skipped };
}
