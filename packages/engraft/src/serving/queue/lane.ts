import type { ImageInput, PreparedImage } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import type { Prediction, SharedBackbone, TaskPredictor } from "@engraft/tasks/predict";
import type { PricedInput } from "../inputs/priced-input.js";
import { Batcher, type BatchLimits } from "./batcher.js";
import type { ImageQueue, Place } from "./image-queue.js";

/** What a request asks one task. */
export interface Question {
  readonly predictor: TaskPredictor;
  /** The answers, one for each input of the request; the lane fills them in. */
  readonly predictions: Prediction[];
}

/** One input of a request, on its way through a batch. */
interface BatchItem extends PricedInput {
  readonly questions: readonly Question[];
  /** Position of the input in the request. */
  readonly row: number;
}

/** Why an input cannot be decoded; undefined where it was answered. */
type Outcome = DataError | undefined;

/** How the images of a lane are decoded, and where they wait for it. */
export interface LaneImages {
  readonly queue: ImageQueue;
  readonly prepare: (file: Uint8Array, isLarge: boolean) => Promise<PreparedImage>;
}

/** Measures batches. */
export interface BatchObserver {
  /** Counts a batch; the function that it returns is to be called at its end. */
  startBatch(inputs: number): () => void;
}

/** Most that the texts of one batch cost, in items of `maxBatch`: long ones need smaller batches. */
const COST_PER_ITEM = 4;

/** A backbone, and the inputs that wait for it, whichever task they are for. */
export class Lane {
  readonly backbone: SharedBackbone;
  readonly #batcher: Batcher<BatchItem, Outcome>;
  /** Undefined where the backbone reads texts. */
  readonly #images: LaneImages | undefined;

  constructor(
    backbone: SharedBackbone,
    limits: BatchLimits,
    observer: BatchObserver,
    images: LaneImages | undefined,
  ) {
    this.backbone = backbone;
    this.#images = images;
    this.#batcher = new Batcher(
      async (items) => {
        const done = observer.startBatch(items.length);
        try {
          return await answerBatch(backbone, items);
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

  /** @throws OverloadedError when so many inputs would not find a place. */
  requireRoom(count: number): void {
    this.#images?.queue.requireRoom(count);
    this.#batcher.requireRoom(count);
  }

  /**
   * Asks some tasks about the inputs of one request, for which there must be room.
   *
   * @param signal - When it is aborted, its reason is thrown at once, and nothing more is done for
   *   the request but what has begun.
   * @returns For each input, why it cannot be decoded; undefined where its predictions are filled in.
   */
  async ask(
    inputs: readonly PricedInput[],
    questions: readonly Question[],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const items = inputs.map((input, row) => ({ ...input, questions, row }));
    const images = this.#images;
    if (images === undefined) return this.#batcher.add(items, signal, items);
    const places = images.queue.enter(
      items.map(({ cost }) => cost),
      signal,
    );
    return Promise.all(
      places.map(async (promise, row) => {
        const place = await promise;
        try {
          return await this.#askImage(items[row]!, images, place, signal, items);
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
    item: BatchItem,
    { prepare }: LaneImages,
    place: Place,
    signal: AbortSignal,
    request: object,
  ): Promise<Outcome> {
    signal.throwIfAborted();
    const input = requireImage(item);
    let prepared: PreparedImage;
    try {
      prepared = await prepare(await input.read(), place.isLarge);
    } catch (error) {
      if (error instanceof DataError) return error;
      throw error;
    }
    place.decoded(prepared.pixels.byteLength);
    const decoded = { ...item, input: { ...input, prepared }, cost: 1 };
    const [outcome] = await this.#batcher.add([decoded], signal, request);
    return outcome;
  }
}

function requireImage({ input }: BatchItem): ImageInput {
  if (input.kind === "image") return input;
  throw new Error("internal: a text was given to a lane of images");
}

/** Where an answer of a pass goes. */
interface Target {
  /** Position among the inputs of the batch. */
  readonly row: number;
  readonly item: BatchItem;
  readonly predictions: Prediction[];
}

/** Answers the questions about the inputs of a batch, in one pass of the backbone. */
async function answerBatch(
  backbone: SharedBackbone,
  items: readonly BatchItem[],
): Promise<Outcome[]> {
  const asked = Array.from(targetsByPredictor(items), ([predictor, targets]) => {
    const rows = Int32Array.from(targets, ({ row }) => row);
    const consumers = predictor.readers.map((reader) => ({ reader, rows }));
    return { predictor, targets, consumers };
  });
  const { answers, unreadable, lengths } = await backbone.run(
    items.map(({ input }) => input),
    asked.flatMap(({ consumers }) => consumers),
  );
  let first = 0;
  for (const { predictor, targets, consumers } of asked) {
    const own = answers.slice(first, first + consumers.length);
    first += consumers.length;
    for (const [index, { row, item, predictions }] of targets.entries()) {
      predictions[item.row] = predictor.toPrediction(own, index, lengths?.[row]);
    }
  }
  return items.map((_, row) => unreadable.get(row));
}

function targetsByPredictor(items: readonly BatchItem[]): Map<TaskPredictor, Target[]> {
  const targets = new Map<TaskPredictor, Target[]>();
  for (const [row, item] of items.entries()) {
    for (const { predictor, predictions } of item.questions) {
      const target = { row, item, predictions };
      const known = targets.get(predictor);
      if (known) known.push(target);
      else targets.set(predictor, [target]);
    }
  }
  return targets;
}
