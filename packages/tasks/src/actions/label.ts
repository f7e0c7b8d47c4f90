import { lookAlikeWarning, truncationWarning } from "../format/manifest/warnings.js";
import { type LabelReview, reviewLabels } from "../label/relabel.js";
import { requireModality } from "../sources/open-inputs.js";
import type { DataSource } from "../sources/source.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";
import { passOf, readingOf, type WorkOptions } from "./options.js";

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
  const pass = passOf(options, base, workspace);
  const review = await reviewLabels(manifest, base, dataset, host, pass);
  const warnings = [
    lookAlikeWarning(review.lookAlikes),
    truncationWarning(review.truncation, manifest),
  ];
  for (const warning of warnings) if (warning !== undefined) options.onWarning?.(warning);
  return review;
}
