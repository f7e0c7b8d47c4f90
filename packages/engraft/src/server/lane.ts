import type { Input } from "@engraft/core";
import type { DataError } from "@engraft/core/errors";
import type { Prediction, TaskHead, Trunk } from "@engraft/core/predict";
import { Batcher, type BatchLimits } from "./batcher.js";
import type { ServerMetrics } from "./server-metrics.js";

/** An input, and the heads that are to answer it. */
export interface Question {
  readonly input: Input;
  readonly heads: readonly TaskHead[];
}

/** What each head says, or why the input cannot be decoded. */
export type Answer = ReadonlyMap<TaskHead, Prediction> | DataError;

/** A trunk, and the questions that wait for it, whichever of its heads they are for. */
export class Lane {
  readonly trunk: Trunk;
  readonly batcher: Batcher<Question, Answer>;

  constructor(trunk: Trunk, limits: BatchLimits, metrics: ServerMetrics) {
    this.trunk = trunk;
    this.batcher = new Batcher(async (questions) => {
      const done = metrics.startBatch(questions.length);
      try {
        return await answerAll(trunk, questions);
      } finally {
        done();
      }
    }, limits);
  }

  async release(): Promise<void> {
    await this.batcher.settled();
    await this.trunk.release();
  }
}

/** Answers questions in one pass of the trunk. */
async function answerAll(trunk: Trunk, questions: readonly Question[]): Promise<Answer[]> {
  const rowsOf = new Map<TaskHead, number[]>();
  for (const [row, { heads }] of questions.entries()) {
    for (const head of heads) {
      const rows = rowsOf.get(head);
      if (rows) rows.push(row);
      else rowsOf.set(head, [row]);
    }
  }
  const asked = Array.from(rowsOf, ([head, rows]) => ({ head, rows: Int32Array.from(rows) }));
  const inputs = questions.map(({ input }) => input);
  const { logProbabilities, unreadable } = await trunk.run(inputs, asked);
  const predictions = questions.map(() => new Map<TaskHead, Prediction>());
  for (const [index, { head, rows }] of asked.entries()) {
    for (const [answer, row] of rows.entries()) {
      predictions[row]!.set(head, head.toPrediction(logProbabilities[index]!, answer));
    }
  }
  return predictions.map((said, row) => unreadable.get(row) ?? said);
}
