import type { DataProblem, OnProgress } from "@engraft/core";
import { type SuggestedInput, suggestInputs } from "@engraft/tasks";
import { type DataOptions, type NamedInput, readInputs } from "../data/index.js";
import { createNodeHost } from "../host/node-host.js";
import { withFormerFolder } from "./data-location.js";
import { readBaseOf, readTask } from "./read-task.js";
import { openCache } from "./train.js";

/** How many inputs are suggested unless asked otherwise: an hour or so of labelling. */
export const DEFAULT_SUGGESTIONS = 50;

export interface SuggestOptions {
  /** Task folder: what is known so far. */
  readonly from: string;
  /** How many inputs to suggest. Default 50. */
  readonly count?: number | undefined;
  /** Names of columns, where images are, and limits; all have defaults. */
  readonly columns?: Omit<DataOptions, "label"> | undefined;
  /** Told of inputs that cannot be read; without it they end the work. */
  readonly onSkip?: ((problem: DataProblem) => void) | undefined;
  /** Keep computed features on disk, for the training with the new labels. Default true. */
  readonly cache?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Told about things that cost something without stopping the work. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Chooses among unlabelled texts or images those to label next: where a task is unsure, and unlike
 * one another.
 *
 * ```ts
 * for (const { source, prediction } of await suggest(["inbox.txt"], { from: "mails.engraft" })) {
 *   console.log(source, prediction.label, prediction.probability);
 * }
 * ```
 *
 * @param given - Files and folders, or texts, as for `readInputs`; or a stream of lines.
 * @returns The inputs in the order in which to label them.
 * @throws DataError when an input cannot be read and `onSkip` is not given, or there are none.
 * @throws UsageError when there is no such task.
 */
export async function suggest(
  given: readonly string[] | AsyncIterable<Uint8Array>,
  options: SuggestOptions,
): Promise<SuggestedInput[]> {
  const {
    from,
    count = DEFAULT_SUGGESTIONS,
    columns = {},
    onSkip,
    signal,
    onProgress,
    onWarning,
  } = options;
  const task = await readTask(from);
  const { modality } = task.manifest;
  const unlabelled: NamedInput[] = [];
  for await (const input of readInputs(given, {
    modality,
    ...(await withFormerFolder(columns, from, task.manifest)),
    signal,
    onSkip,
    onWarning,
  })) {
    unlabelled.push(input);
  }
  const platform = createNodeHost();
  try {
    const base = await readBaseOf(task, from, platform);
    return await suggestInputs(task, base, unlabelled, count, platform, {
      openCache: openCache(options, base.spec.id),
      skipBad: onSkip !== undefined,
      signal,
      onProgress,
    });
  } finally {
    await platform.close();
  }
}
