import type { ImageInput, Input, PreparedImage } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import type { Answerer, Prediction, Trunk } from "@engraft/tasks/predict";
import type { ServerMetrics } from "../server-metrics.js";
import { Batcher, type BatchLimits } from "./batcher.js";
import type { PictureQueue, Place } from "./picture-queue.js";

/** An input, and what it costs: texts as many short ones, pictures bytes while they are decoded. */
export interface PricedInput {
  readonly input: Input;
  readonly cost: number;
}

/** An input, and who is to answer it. */
interface Question extends PricedInput {
  readonly answerers: readonly Answerer[];
}

/** What each answerer says, or why the input cannot be decoded. */
export type Answer = ReadonlyMap<Answerer, Prediction> | DataError;

/** How the pictures of a lane are decoded, and where they wait for it. */
export interface LanePictures {
  readonly queue: PictureQueue;
  readonly prepare: (file: Uint8Array, isLarge: boolean) => Promise<PreparedImage>;
}

/** Most that the texts of one batch cost, in items of `maxBatch`: long ones need smaller batches. */
const COST_PER_ITEM = 4;

/** A trunk, and the questions that wait for it, whichever task they are for. */
export class Lane {
  readonly trunk: Trunk;
  readonly #batcher: Batcher<Question, Answer>;
  /** Undefined where the trunk reads texts. */
  readonly #pictures: LanePictures | undefined;

  constructor(
    trunk: Trunk,
    limits: BatchLimits,
    metrics: ServerMetrics,
    pictures: LanePictures | undefined,
  ) {
    this.trunk = trunk;
    this.#pictures = pictures;
    this.#batcher = new Batcher(
      async (questions) => {
        const done = metrics.startBatch(questions.length);
        try {
          return await answerAll(trunk, questions);
        } finally {
          done();
        }
      },
      limits,
      { costOf: ({ cost }) => cost, maxCost: COST_PER_ITEM * limits.maxBatch },
    );
  }

  /** Inputs that wait for a pass. */
  get waiting(): number {
    return this.#batcher.waiting;
  }

  /** @throws QueueFullError when so many inputs would not find a place. */
  requireRoom(count: number): void {
    this.#pictures?.queue.requireRoom(count);
    this.#batcher.requireRoom(count);
  }

  /**
   * Asks some answerers about the inputs of one request, for which there must be room.
   *
   * @param signal - When it is aborted, its reason is thrown at once, and nothing more is done for
   *   the request but what has begun.
   */
  async ask(
    inputs: readonly PricedInput[],
    answerers: readonly Answerer[],
    signal: AbortSignal,
  ): Promise<Answer[]> {
    const pictures = this.#pictures;
    if (pictures === undefined) {
      const questions = inputs.map((input) => ({ ...input, answerers }));
      return this.#batcher.add(questions, signal, questions);
    }
    const costs = inputs.map(({ cost }) => cost);
    const places = pictures.queue.enter(costs, signal);
    const request = {};
    return Promise.all(
      places.map(async (promise, row) => {
        const { input } = inputs[row]!;
        if (input.kind !== "image") throw new Error("internal: a text was given to a picture lane");
        const place = await promise;
        try {
          return await this.#askPicture({ input, answerers }, pictures, place, signal, request);
        } finally {
          place.leave();
        }
      }),
    );
  }

  /** Waits for the batch that is running, if there is one. */
  async settled(): Promise<void> {
    await this.#batcher.settled();
  }

  async release(): Promise<void> {
    await this.settled();
    await this.trunk.release();
  }

  /** Decodes a picture and puts it into a batch: what is in a batch costs all the same. */
  async #askPicture(
    { input, answerers }: { readonly input: ImageInput; readonly answerers: readonly Answerer[] },
    { prepare }: LanePictures,
    place: Place,
    signal: AbortSignal,
    request: object,
  ): Promise<Answer> {
    signal.throwIfAborted();
    let prepared: PreparedImage;
    try {
      prepared = await prepare(await input.read(), place.isLarge);
    } catch (error) {
      if (error instanceof DataError) return error;
      throw error;
    }
    place.decoded(prepared.pixels.byteLength);
    const question = { input: { ...input, prepared }, cost: 1, answerers };
    const [answer] = await this.#batcher.add([question], signal, request);
    return answer!;
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
  const { answers, unreadable, lengths } = await trunk.run(inputs, asked.flat());
  const predictions = questions.map(() => new Map<Answerer, Prediction>());
  let first = 0;
  for (const [answerer, rows] of rowsOf) {
    const said = answers.slice(first, first + answerer.readers.length);
    first += said.length;
    for (const [index, row] of rows.entries()) {
      predictions[row]!.set(answerer, answerer.toPrediction(said, index, lengths?.[row]));
    }
  }
  return predictions.map((said, row) => unreadable.get(row) ?? said);
}
