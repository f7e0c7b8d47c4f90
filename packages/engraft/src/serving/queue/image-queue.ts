import { OverloadedError } from "../errors.js";
import { type BatchLimits, withResolvers } from "./batcher.js";
import { FairQueue } from "./fair-queue.js";

/** How many images may wait, and who decodes them. */
export interface ImageLimits extends Omit<BatchLimits, "maxWait"> {
  /** Threads that decode. */
  readonly threads: number;
}

/** Room for one image. It must be {@link Place.leave left} in the end. */
export interface Place {
  /** Whether the image is decoded apart from small ones. */
  readonly isLarge: boolean;
  /** Says that the image is decoded, and takes so many bytes from now on. */
  decoded(bytes: number): void;
  leave(): void;
}

/** What costs more is decoded on one of few places, so that no crowd of them is in the way of others. */
const LARGE = 24e6;

/** Share of the memory that only small images may take. */
const FOR_SMALL = 0.25;

/** Small images on the way to a thread: enough for it never to wait, few enough to stay fair. */
const SMALL_PER_THREAD = 4;

/** One of libuv's four threads, on which libvips runs, must be left for everything else. */
const MOST_LARGE = 3;

/** Weight of the newest image in the moving average of the time that decoding takes. */
const NEWEST = 0.1;

/**
 * Bounds what decoding costs all requests together: an image waits until there is memory for it. Those
 * that wait are taken fairly by request, small ones apart from large ones.
 */
export class ImageQueue {
  readonly #limits: ImageLimits;
  readonly #small: Room;
  readonly #large: Room;

  /** A queue without any memory yet: {@link ImageQueue.setMemory}. */
  constructor(limits: ImageLimits) {
    this.#limits = limits;
    this.#small = new Room(false, SMALL_PER_THREAD * limits.threads);
    this.#large = new Room(true, Math.min(limits.threads, MOST_LARGE));
  }

  /** @param memory - Most that images take together, in bytes. */
  setMemory(memory: number): void {
    this.#small.memory = FOR_SMALL * memory;
    this.#large.memory = memory - this.#small.memory;
  }

  /** Most that one image may cost, in bytes. */
  get maxCost(): number {
    return this.#large.memory;
  }

  /** Images that wait. */
  get waiting(): number {
    return this.#small.waiting.size + this.#large.waiting.size;
  }

  /** @throws OverloadedError when so many images would not find a place. */
  requireRoom(count: number): void {
    const { maxBatch, maxQueue, maxDelay } = this.#limits;
    const rooms = [this.#small, this.#large];
    if (this.waiting + count > maxQueue) {
      throw new OverloadedError(Math.max(...rooms.map((room) => room.delay(room.waiting.cost))));
    }
    // An image that comes now may be small or large; it is told by its head only.
    for (const room of rooms) {
      const ahead = room.waiting.ahead();
      const delay = room.delay(ahead.cost);
      if (ahead.items >= maxBatch && 1000 * delay > maxDelay) throw new OverloadedError(delay);
    }
  }

  /**
   * Queues the images of one request.
   *
   * @param costs - Bytes that each takes while it is decoded, no more than {@link ImageQueue.maxCost}.
   * @param signal - When it is aborted, images that still wait leave with its reason.
   * @returns For each, its place once there is one.
   */
  enter(costs: readonly number[], signal: AbortSignal): Promise<Place>[] {
    const request = {};
    const waiting = costs.map((cost) => ({ ...withResolvers<Place>(), cost }));
    signal.addEventListener(
      "abort",
      () => {
        for (const room of [this.#small, this.#large]) {
          for (const { reject } of room.waiting.drop(request)) reject(signal.reason);
          room.admit();
        }
      },
      { once: true },
    );
    for (const each of waiting) {
      if (signal.aborted) each.reject(signal.reason);
      else this.#roomFor(each.cost).waiting.add(request, each, each.cost);
    }
    this.#small.admit();
    this.#large.admit();
    return waiting.map(({ promise }) => promise);
  }

  #roomFor(cost: number): Room {
    const isLarge = cost > Math.min(LARGE, this.#small.memory / 2);
    return isLarge ? this.#large : this.#small;
  }
}

interface Waiting {
  readonly cost: number;
  readonly resolve: (place: Place) => void;
  readonly reject: (reason: unknown) => void;
}

/** Memory and threads for images of one kind, and those that wait for them. */
class Room {
  memory = 0;
  readonly waiting = new FairQueue<Waiting>();
  readonly #isLarge: boolean;
  readonly #slots: number;
  #taken = 0;
  #decoding = 0;
  #secondsPerCost = 0;

  constructor(isLarge: boolean, slots: number) {
    this.#isLarge = isLarge;
    this.#slots = slots;
  }

  /** Seconds that decoding takes where it costs so much. */
  delay(cost: number): number {
    return (cost * this.#secondsPerCost) / this.#slots;
  }

  /** Gives places to those whose turn it is, as long as there are any. */
  admit(): void {
    while (this.#decoding < this.#slots) {
      const next = this.waiting.peek();
      if (next === undefined || this.#taken + next.cost > this.memory) return;
      const { cost, resolve } = this.waiting.take()!;
      resolve(this.#occupy(cost));
    }
  }

  #occupy(cost: number): Place {
    let held = cost;
    let isDecoding = true;
    const startedAt = performance.now();
    this.#taken += cost;
    this.#decoding += 1;
    const endDecoding = (): void => {
      if (!isDecoding) return;
      isDecoding = false;
      this.#decoding -= 1;
    };
    return {
      isLarge: this.#isLarge,
      decoded: (bytes) => {
        endDecoding();
        this.#learn((performance.now() - startedAt) / 1000 / cost);
        this.#taken += bytes - held;
        held = bytes;
        this.admit();
      },
      leave: () => {
        endDecoding();
        this.#taken -= held;
        held = 0;
        this.admit();
      },
    };
  }

  #learn(secondsPerCost: number): void {
    const weight = this.#secondsPerCost === 0 ? 1 : NEWEST;
    this.#secondsPerCost += weight * (secondsPerCost - this.#secondsPerCost);
  }
}
