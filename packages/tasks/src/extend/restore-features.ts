import type { BaseModel, Input, Platform } from "@engraft/core";
import { gather, type LabelledFeatures } from "@engraft/core/internal";
import { targetsOf, withPreprocessing } from "@engraft/core/predict";
import type { RecordedExample, TaskRecord } from "../format/files/record.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { type PassOptions, readInputs } from "../train/data/extract-dataset.js";

/** The layers of a task's examples, read again from what the task remembers. */
export interface RestoredFeatures {
  /** What is known of each of `rows`. */
  readonly examples: LabelledFeatures;
  /** Positions in the record, ascending: those whose layers could be read. */
  readonly rows: Int32Array;
}

/**
 * Reads the layers of a task's examples without the data that it was trained on: out of the feature
 * cache, else from the texts that the task keeps. A task keeps no images, so that those which the
 * cache does not hold must be found.
 *
 * @param base - The frozen base of the task.
 * @param readImage - Finds the file of an example; throws `DataError` where it cannot, and the
 *   example is left out.
 */
export async function restoreFeatures(
  record: TaskRecord,
  { labels, preprocessing }: TaskManifest,
  base: BaseModel,
  readImage: (example: RecordedExample) => Promise<Uint8Array>,
  platform: Platform,
  options: Omit<PassOptions, "skipBad">,
): Promise<RestoredFeatures> {
  const { examples, groups } = record;
  const items = examples.map((example) => ({
    source: example.source,
    input: inputOf(example, readImage),
  }));
  const asTrained = withPreprocessing(base, preprocessing);
  const { rows, table } = await readInputs(asTrained, items, platform, {
    ...options,
    skipBad: true,
  });
  const kept = Array.from(rows, (row) => examples[row]!);
  const texts = kept.flatMap(({ text }) => (text === undefined ? [] : [text]));
  return {
    rows,
    examples: {
      table,
      texts: texts.length > 0 ? texts : undefined,
      targets: targetsOf(kept, labels),
      classes: labels.length,
      groups: gather(groups, rows),
    },
  };
}

/** An example as what a base reads; an image is read only where its layers are not in the cache. */
export function inputOf(
  example: RecordedExample,
  readImage: (example: RecordedExample) => Promise<Uint8Array>,
): Input {
  const { text, digest } = example;
  if (text !== undefined) return { kind: "text", text };
  return { kind: "image", digest, read: () => readImage(example) };
}
