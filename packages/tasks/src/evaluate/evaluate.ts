import type { Input, OnProgress, SingleLabelExample } from "@engraft/core";
import { DataError, type DataProblem, type Truncation } from "@engraft/core";
import { chunk, lookAlikesOf, spellOut, TruncationCounter } from "@engraft/core/internal";
import { classesOf } from "@engraft/core/predict";
import type { Metrics } from "../format/manifest/manifest.js";
import type { Predictor } from "../predict/predictor.js";
import { unreadableError } from "../train/data/extract-dataset.js";
import { metricsOf } from "../train/measure/metrics.js";
import { countKnown, type TrainingSet } from "./trained-on.js";

export interface EvaluateOptions {
  /** What the task was trained on, to count examples of it. Default: nothing is known of it. */
  readonly trainingSet?: TrainingSet | undefined;
  /** Go on without examples that cannot be decoded or have an unknown label. Default false. */
  readonly skipBad?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Examples measured in one go: bounds the memory. */
const WINDOW = 512;

/** How good a task is on some labelled examples, and what to know before believing it. */
export interface Evaluation extends Metrics {
  /**
   * How many of the measured examples the task was trained on: metrics on these say nothing about new
   * ones. Undefined where it is not known, as of a task that keeps no examples.
   */
  readonly trainedOn: number | undefined;
  /** What the base did not read of the measured texts; undefined for images. */
  readonly truncation: Truncation | undefined;
  /** Examples that were left out, with `skipBad`. */
  readonly skipped: readonly DataProblem[];
}

/**
 * Measures a task on labelled examples that it was not trained on, and counts those that it was.
 *
 * @throws DataError when an example has a label that the task does not know, or cannot be decoded.
 */
export async function evaluateTask(
  predictor: Predictor,
  labels: readonly string[],
  examples: readonly SingleLabelExample[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const classOf = classesOf(labels);
  const known = examples.filter(({ target }) => classOf.has(target.label));
  const unknown = unknownLabels(examples, labels);
  if (unknown.length > 0 && !options.skipBad) throw unknownLabelsError(unknown, labels);
  const targets: number[] = [];
  const logProbabilities: number[] = [];
  const problems: DataProblem[] = [];
  const inputs: Input[] = [];
  const truncation = new TruncationCounter();
  for (const window of chunk(known, WINDOW)) {
    const predicted = await predictor.logProbabilities(
      window.map(({ input }) => input),
      options.signal,
    );
    for (const [row, { source, input, target }] of window.entries()) {
      const error = predicted.unreadable.get(row);
      if (error) {
        problems.push({ where: source, what: error.message });
        continue;
      }
      const start = row * labels.length;
      targets.push(classOf.get(target.label)!);
      logProbabilities.push(
        ...predicted.logProbabilities.data.subarray(start, start + labels.length),
      );
      if (input.kind === "text") truncation.add(input.text, predicted.lengths?.[row]);
      inputs.push(input);
    }
    const done = targets.length + problems.length;
    options.onProgress?.({ phase: "measure", done, total: known.length });
  }
  if (problems.length > 0 && !options.skipBad) throw unreadableError(problems);
  return {
    ...metricsOfAll(targets, logProbabilities, labels),
    trainedOn: await countKnown(options.trainingSet, inputs),
    truncation: truncation.total.texts > 0 ? truncation.total : undefined,
    skipped: [...unknown, ...problems],
  };
}

function metricsOfAll(
  targets: readonly number[],
  logProbabilities: readonly number[],
  labels: readonly string[],
): Metrics {
  if (targets.length === 0) {
    throw new DataError("data/empty", "There are no examples to measure on.");
  }
  const rows = Int32Array.from(targets.keys());
  const matrix = {
    rows: rows.length,
    cols: labels.length,
    data: Float64Array.from(logProbabilities),
  };
  // Every example is its own group: it was drawn on its own.
  const truth = { targets: Int32Array.from(targets), groups: rows, labels };
  return metricsOf([{ rows, logProbabilities: matrix }], truth);
}

function unknownLabels(
  examples: readonly SingleLabelExample[],
  labels: readonly string[],
): DataProblem[] {
  const known = new Set(labels);
  const unknown = examples.filter(({ target }) => !known.has(target.label));
  const described = new Map<string, string>();
  for (const { target } of unknown) {
    const { label } = target;
    if (!described.has(label)) described.set(label, describeUnknown(label, labels));
  }
  return unknown.map(({ source, target }) => ({
    where: source,
    what: described.get(target.label)!,
  }));
}

function describeUnknown(label: string, labels: readonly string[]): string {
  const alike = lookAlikesOf(label, labels).map(spellOut).join(", ");
  if (alike === "") return `unknown label "${label}"`;
  return `unknown label ${spellOut(label)}, which looks like the label ${alike} of the task`;
}

function unknownLabelsError(unknown: readonly DataProblem[], labels: readonly string[]): DataError {
  return new DataError(
    "data/invalid",
    `${unknown.length} examples have a label that the task does not know, first ${unknown[0]!.where}: ` +
      `${unknown[0]!.what}. The task knows: ${labels.join(", ")}.`,
    { problems: unknown },
  );
}
