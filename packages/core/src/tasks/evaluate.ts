import type { SingleLabelExample } from "../dataset/dataset.js";
import { DataError, type DataProblem } from "../errors.js";
import { chunk } from "../features/batches.js";
import type { Abort, OnProgress } from "../platform.js";
import { figuresOf } from "./figures.js";
import type { Figures } from "./manifest.js";
import type { Predictor } from "./predictor.js";
import { unreadableError } from "./read-layers.js";

export interface EvaluateOptions {
  /** Go on without examples that cannot be decoded or have an unknown label. Default false. */
  readonly skipBad?: boolean | undefined;
  readonly abort?: Abort | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Examples measured in one go: bounds the memory. */
const WINDOW = 512;

/**
 * Measures a task on labelled examples that it was not trained on.
 *
 * @throws DataError when an example has a label that the task does not know, or cannot be decoded.
 */
export async function evaluateTask(
  predictor: Predictor,
  labels: readonly string[],
  examples: readonly SingleLabelExample[],
  options: EvaluateOptions = {},
): Promise<Figures> {
  const known = options.skipBad
    ? examples.filter(({ target }) => labels.includes(target.label))
    : requireKnownLabels(examples, labels);
  const targets: number[] = [];
  const logProbabilities: number[] = [];
  const problems: DataProblem[] = [];
  for (const window of chunk(known, WINDOW)) {
    const predicted = await predictor.logProbabilities(
      window.map(({ input }) => input),
      options.abort,
    );
    for (const [row, { source, target }] of window.entries()) {
      const error = predicted.unreadable.get(row);
      if (error) {
        problems.push({ where: source, what: error.message });
        continue;
      }
      const start = row * labels.length;
      targets.push(labels.indexOf(target.label));
      logProbabilities.push(
        ...predicted.logProbabilities.data.subarray(start, start + labels.length),
      );
    }
    const done = targets.length + problems.length;
    options.onProgress?.({ phase: "measure", done, total: known.length });
  }
  if (problems.length > 0 && !options.skipBad) throw unreadableError(problems);
  return figuresOfAll(targets, logProbabilities, labels);
}

function figuresOfAll(
  targets: readonly number[],
  logProbabilities: readonly number[],
  labels: readonly string[],
): Figures {
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
  return figuresOf([{ rows, logProbabilities: matrix }], truth);
}

function requireKnownLabels(
  examples: readonly SingleLabelExample[],
  labels: readonly string[],
): readonly SingleLabelExample[] {
  const unknown = examples
    .filter(({ target }) => !labels.includes(target.label))
    .map(({ source, target }) => ({ where: source, what: `unknown label "${target.label}"` }));
  if (unknown.length === 0) return examples;
  throw new DataError(
    "data/invalid",
    `${unknown.length} examples have a label that the task does not know, first ${unknown[0]!.where}: ` +
      `${unknown[0]!.what}. The task knows: ${labels.join(", ")}.`,
    { problems: unknown },
  );
}
