import type { Modality } from "@engraft/core";
import type {
  DataSource,
  FirstSuggestions,
  FirstSuggestOptions,
  LoadOptions,
  RankedBase,
  SelectBaseOptions,
  Task,
  TrainOptions,
  UnlabelledPlaces,
  UnlabelledSource,
} from "@engraft/tasks/predict";
import { defaultEngraft } from "./engraft.js";

/*
 * The functions of tasks on the default instance.
 */

/** Trains a task on the default instance: see {@link Engraft.train}. */
export function train(source: DataSource, options?: TrainOptions): Promise<Task>;
/** Starts a task without labels on the default instance: see {@link Engraft.train}. */
export function train(
  source: UnlabelledSource,
  options: TrainOptions & { readonly labels: readonly string[] },
): Promise<Task>;
export function train(
  source: DataSource | UnlabelledSource,
  options: TrainOptions = {},
): Promise<Task> {
  const { labels } = options;
  return labels === undefined
    ? defaultEngraft().train(source as DataSource, options)
    : defaultEngraft().train(source as UnlabelledSource, { ...options, labels });
}

/** Loads a task on the default instance: see {@link Engraft.loadTask}. */
export function loadTask<M extends Modality = Modality>(
  path: string,
  options: LoadOptions<M> = {},
): Promise<Task<M>> {
  return defaultEngraft().loadTask(path, options);
}

/** Chooses inputs to label before there is a task, on the default instance: see {@link Engraft.suggest}. */
export function suggest(
  source: UnlabelledSource | UnlabelledPlaces,
  options: FirstSuggestOptions = {},
): Promise<FirstSuggestions> {
  return defaultEngraft().suggest(source, options);
}

/** Compares base models on the default instance: see {@link Engraft.selectBase}. */
export function selectBase(
  source: DataSource,
  options: SelectBaseOptions = {},
): Promise<RankedBase[]> {
  return defaultEngraft().selectBase(source, options);
}
