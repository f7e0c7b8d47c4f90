import type { Input } from "@engraft/core";
import type { DataError } from "@engraft/core/errors";
import type { Answerer, Prediction, Trunk } from "@engraft/core/predict";
import { Batcher, type BatchLimits } from "./batcher.js";
import type { ServerMetrics } from "./server-metrics.js";

/** An input, and who is to answer it. */
export interface Question {
  readonly input: Input;
  readonly answerers: readonly Answerer[];
}

/** What each answerer says, or why the input cannot be decoded. */
export type Answer = ReadonlyMap<Answerer, Prediction> | DataError;

/** A trunk, and the questions that wait for it, whichever task they are for. */
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
  const rowsOf = new Map<Answerer, number[]>();
  for (const [row, { answerers }] of questions.entries()) {
    for (const answerer of answerers) {
      const rows = rowsOf.get(answerer);
      if (rows) rows.push(row);
      else rowsOf.set(answerer, [row]);
    }
  }
  const asked = Array.from(rowsOf, ([{ readers }, rows]) =>
    readers.map((reader) => ({ reader, rows: Int32Array.from(rows) })),
  );
  const inputs = questions.map(({ input }) => input);
  const { answers, unreadable } = await trunk.run(inputs, asked.flat());
  const predictions = questions.map(() => new Map<Answerer, Prediction>());
  let first = 0;
  for (const [answerer, rows] of rowsOf) {
    const said = answers.slice(first, first + answerer.readers.length);
    first += said.length;
    for (const [index, row] of rows.entries()) {
      predictions[row]!.set(answerer, answerer.toPrediction(said, index));
    }
  }
  return predictions.map((said, row) => unreadable.get(row) ?? said);
}
