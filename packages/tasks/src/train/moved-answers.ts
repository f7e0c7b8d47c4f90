import type { LinearAlgebra } from "@engraft/core";
import { shorten } from "@engraft/core/escape";
import {
  gather,
  indexOfLargest,
  type LabelledFeatures,
  meanPrediction,
  poolViews,
  predictViews,
  type RowPredictions,
  rowOf,
  type StackedHead,
  spacedRowNumbers,
} from "@engraft/core/internal";
import type { MovedAnswers, MovedExample } from "../format/files/record.js";
import type { MovedCounts } from "../format/manifest/beside-labels.js";
import type { FeatureDataset } from "./data/extract-dataset.js";
import type { PreparedTraining } from "./data/prepare-training.js";

/** Unlabelled rows that two heads are asked about, and how many of the differing ones a task keeps. */
const MOST_ASKED = 2000;
const MOST_KEPT = 20;
/** Of each of these, as much as is needed to recognise it: a task is not to keep unlabelled examples. */
const MOST_CHARACTERS = 300;

/** A head, and the same without what unlabelled rows tell. */
export interface ComparedHeads {
  readonly head: StackedHead;
  readonly without: StackedHead;
}

/** What was said out of fold, and what would have been said without unlabelled rows. */
export interface ComparedParts {
  readonly outOfFold: readonly RowPredictions[];
  /** In the same parts. */
  readonly without: readonly RowPredictions[];
}

type MovedOf = Pick<PreparedTraining, "data" | "unlabelled" | "keepUnlabelled">;

/**
 * Which answers are others because of the unlabelled rows: of the labelled ones out of fold, and of the
 * unlabelled rows themselves.
 *
 * @param heads - Fitted to all training rows; undefined where unlabelled rows are not used.
 * @param prepared - Texts of unlabelled rows are told only where the task may keep these.
 */
export async function answersMoved(
  { outOfFold, without }: ComparedParts,
  heads: ComparedHeads | undefined,
  { data, unlabelled, keepUnlabelled }: MovedOf,
  linearAlgebra: LinearAlgebra,
): Promise<{ readonly counts: MovedCounts; readonly answers: MovedAnswers }> {
  const after = meanPrediction(outOfFold);
  const before = meanPrediction(without);
  const { targets } = data.examples;
  const counts = { toRight: 0, toWrong: 0, wrongBefore: 0 };
  after.rows.forEach((row, place) => {
    const [one, other] = [before, after].map((said) =>
      indexOfLargest(rowOf(said.logProbabilities, place)),
    );
    if (one === other) return;
    if (other === targets[row]) counts.toRight += 1;
    else if (one === targets[row]) counts.toWrong += 1;
    else counts.wrongBefore += 1;
  });
  const asked = gather(
    unlabelled,
    spacedRowNumbers(unlabelled.length, heads ? Math.min(unlabelled.length, MOST_ASKED) : 0),
  );
  const differing = heads ? await differingAnswers(heads, data, asked, linearAlgebra) : [];
  const kept = differing.slice(0, MOST_KEPT);
  return {
    counts: { ...counts, asked: asked.length, differing: differing.length },
    answers: {
      withoutUnlabelled: before.logProbabilities,
      unlabelled: keepUnlabelled ? kept : kept.map(withoutText),
    },
  };
}

function withoutText({ source, before, after }: MovedExample): MovedExample {
  return { source, before, after };
}

/** The rows that two heads answer differently, those first of which the first head is most certain. */
async function differingAnswers(
  { head, without }: ComparedHeads,
  { examples, labels, sources, inputs }: FeatureDataset,
  rows: Int32Array,
  linearAlgebra: LinearAlgebra,
): Promise<MovedExample[]> {
  const [before, after] = await Promise.all(
    [without, head].map((one) => ask(one, examples, rows, linearAlgebra)),
  );
  const differing: MovedExample[] = [];
  rows.forEach((row, place) => {
    const [one, other] = [before!, after!].map((said) => answerOf(rowOf(said, place), labels));
    if (one!.label === other!.label) return;
    const input = inputs[row]!;
    const text = input.kind === "text" ? shorten(input.text, MOST_CHARACTERS) : undefined;
    differing.push({ source: sources[row]!, text, before: one!, after: other! });
  });
  return differing.sort((a, b) => b.after.probability - a.after.probability);
}

async function ask(
  head: StackedHead,
  examples: Pick<LabelledFeatures, "table" | "texts">,
  rows: Int32Array,
  linearAlgebra: LinearAlgebra,
): Promise<RowPredictions["logProbabilities"]> {
  return poolViews(head, await predictViews(head.views, examples, rows, linearAlgebra));
}

function answerOf(logs: Float32Array | Float64Array, labels: readonly string[]) {
  const label = indexOfLargest(logs);
  return { label: labels[label]!, probability: Math.min(1, Math.exp(logs[label]!)) };
}
