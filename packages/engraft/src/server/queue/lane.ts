import type { ImageInput, Input, PreparedImage } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import type { Prediction, SharedBackbone, TaskPredictor } from "@engraft/tasks/predict";
import type { ServerMetrics } from "../server-metrics.js";
import { Batcher, type BatchLimits } from "./batcher.js";
import type { ImageQueue, Place } from "./image-queue.js";

/** An input, and what it costs: texts as many short ones, images bytes while they are decoded. */
export interface PricedInput {
  readonly input: Input;
  readonly cost: number;
}

/** An input, and who is to answer it. */
interface Question extends PricedInput {
  readonly taskPredictors: readonly TaskPredictor[];
}

/** What each taskPredictor says, or why the input cannot be decoded. */
export type Answer = ReadonlyMap<TaskPredictor, Prediction> | DataError;

/** How the images of a lane are decoded, and where they wait for it. */
export interface LaneImages {
  readonly queue: ImageQueue;
  readonly prepare: (file: Uint8Array, isLarge: boolean) => Promise<PreparedImage>;
}

/** Most that the texts of one batch cost, in items of `maxBatch`: long ones need smaller batches. */
const COST_PER_ITEM = 4;

/** A backbone, and the questions that wait for it, whichever task they are for. */
export class Lane {
  readonly backbone: SharedBackbone;
  readonly #batcher: Batcher<Question, Answer>;
  /** Undefined where the backbone reads texts. */
  readonly #images: LaneImages | undefined;

  constructor(
    backbone: SharedBackbone,
    limits: BatchLimits,
    metrics: ServerMetrics,
    images: LaneImages | undefined,
  ) {
    this.backbone = backbone;
    this.#images = images;
    this.#batcher = new Batcher(
      async (questions) => {
        const done = metrics.startBatch(questions.length);
        try {
          return await answerAll(backbone, questions);
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
    this.#images?.queue.requireRoom(count);
    this.#batcher.requireRoom(count);
  }

  /**
   * Asks some taskPredictors about the inputs of one request, for which there must be room.
   *
   * @param signal - When it is aborted, its reason is thrown at once, and nothing more is done for
   *   the request but what has begun.
   */
  async ask(
    inputs: readonly PricedInput[],
    taskPredictors: readonly TaskPredictor[],
    signal: AbortSignal,
  ): Promise<Answer[]> {
    const images = this.#images;
    if (images === undefined) {
      const questions = inputs.map((input) => ({ ...input, taskPredictors }));
      return this.#batcher.add(questions, signal, questions);
    }
    const costs = inputs.map(({ cost }) => cost);
    const places = images.queue.enter(costs, signal);
    const request = {};
    return Promise.all(
      places.map(async (promise, row) => {
        const { input } = inputs[row]!;
        if (input.kind !== "image") throw new Error("internal: a text was given to an image lane");
        const place = await promise;
        try {
          return await this.#askImage({ input, taskPredictors }, images, place, signal, request);
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
    await this.backbone.release();
  }

  /** Decodes an image and puts it into a batch: what is in a batch costs all the same. */
  async #askImage(
    {
      input,
      taskPredictors,
    }: { readonly input: ImageInput; readonly taskPredictors: readonly TaskPredictor[] },
    { prepare }: LaneImages,
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
    const question = { input: { ...input, prepared }, cost: 1, taskPredictors };
    const [answer] = await this.#batcher.add([question], signal, request);
    return answer!;
  }
}

/** Answers questions in one pass of the backbone. */
async function answerAll(
  backbone: SharedBackbone,
  questions: readonly Question[],
): Promise<Answer[]> {
  const rowsOf = new Map<TaskPredictor, number[]>();
  for (const [row, { taskPredictors }] of questions.entries()) {
    for (const taskPredictor of taskPredictors) {
      const rows = rowsOf.get(taskPredictor);
      if (rows) rows.push(row);
      else rowsOf.set(taskPredictor, [row]);
    }
  }
  const asked = Array.from(rowsOf, ([{ readers }, rows]) =>
    readers.map((reader) => ({ reader, rows: Int32Array.from(rows) })),
  );
  const inputs = questions.map(({ input }) => input);
  const { answers, unreadable, lengths } = await backbone.run(inputs, asked.flat());
  const predictions = questions.map(() => new Map<TaskPredictor, Prediction>());
  let first = 0;
  for (const [taskPredictor, rows] of rowsOf) {
    const said = answers.slice(first, first + taskPredictor.readers.length);
    first += said.length;
    for (const [index, row] of rows.entries()) {
      predictions[row]!.set(taskPredictor, taskPredictor.toPrediction(said, index, lengths?.[row]));
    }
  }
  return predictions.map((said, row) => unreadable.get(row) ?? said);
}
