import type { BaseModel, Modality } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { isBaseId } from "./bases/registry.js";
import { detectOutliers } from "./detect-outliers.js";
import { readStoredTask } from "./format/files/stored-task.js";
import { openTask } from "./predict/open-task.js";
import { Task } from "./task.js";
import type { Workspace } from "./workspace.js";

/** How a task is loaded. */
export interface LoadOptions<M extends Modality = Modality> {
  /** What the task has to read; a task on something else is refused. Default: whatever it reads. */
  readonly modality?: M | undefined;
  /**
   * Score for every input how unlike the training examples it is, which costs a moment when the task is
   * loaded. Needs the examples that a task keeps. Default false.
   */
  readonly outliers?: boolean | undefined;
}

/** Loads a task, checking its files and its base model: see `Engraft.loadTask`. */
export async function loadTask<M extends Modality>(
  place: string,
  options: LoadOptions<M>,
  workspace: Workspace,
): Promise<Task<M>> {
  const { host, bases } = workspace;
  const opening = await warmUpFor(place, workspace);
  const stored = await readStoredTask(place, host);
  const { modality, dataset } = stored.manifest;
  if (options.modality !== undefined && options.modality !== modality) {
    throw new UsageError(`Task ${place} reads ${modality}s, and not ${options.modality}s.`);
  }
  const trained = openTask(stored);
  const tuned = bases.openTuned(trained, `Task ${place}`);
  // The bases hold what is open weakly: without this, the memory may be given back before it is used.
  const [opened] = await Promise.all([tuned, opening.base]);
  const outliers = options.outliers ? await detectOutliers(trained, stored, workspace) : undefined;
  const data =
    dataset.location === undefined ? undefined : host.data.placeOf(dataset.location, place);
  return new Task<M>(trained, opened, workspace, { origin: stored, data, outliers });
}

/**
 * Has the host load what the task will need, and begins to open its base. Nothing is checked: reading
 * the task does that.
 */
async function warmUpFor(
  place: string,
  { host, bases }: Workspace,
): Promise<{ readonly base?: Promise<BaseModel | undefined> }> {
  try {
    const bytes = await host.tasks.readManifest(place);
    const { modality, base } = JSON.parse(new TextDecoder().decode(bytes));
    if (modality === "text" || modality === "image") host.warmUp(modality);
    return isBaseId(base.id) ? { base: bases.open(base.id).catch(() => undefined) } : {};
  } catch {
    // Reading the task will say what is wrong.
    return {};
  }
}
