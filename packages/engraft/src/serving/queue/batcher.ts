import { OverloadedError } from "../errors.js";
import { FairQueue } from "./fair-queue.js";

/** How inputs are gathered into batches. */
export interface BatchLimits {
  /** Most items in one batch. */
  readonly maxBatch: number;
  /** How long an item may wait for others to fill its batch, in milliseconds. */
  readonly maxWait: number;
  /** Most items that may wait; more are refused. */
  readonly maxQueue: number;
  /**
   * How long what waits may be expected to take, in milliseconds; once a whole batch waits, more is
   * refused. This is how long a server that had too much to do still answers late afterwards.
   */
  readonly maxDelay: number;
}

/** What items cost, in any unit that all share. */
export interface ItemCosts<Item> {
  readonly costOf: (item: Item) => number;
  /** Most that the items of one batch cost together, unless there is only one. */
  readonly maxCost: number;
}

/** One item that waits for its result. */
interface Entry<Item, Result> {
  readonly item: Item;
  readonly cost: number;
  /** When it was submitted, in milliseconds. */
  readonly since: number;
  /** What it was submitted with. */
  readonly request: object;
  readonly result: Promise<Result>;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * How long the next batch waits, when several requests were answered together: those who sent them tend
 * to ask again at once. As a share of the time that the batch took, and only as long as requests come
 * without a pause of some milliseconds.
 */
const LINGER = 0.1;
const PAUSE = 2;

/** Weight of the newest batch in the moving average of the time that an item takes. */
const NEWEST = 0.2;

/**
 * Turns many small requests into few batches: one batch runs at a time, and what is submitted
 * meanwhile forms the next one. Requests share the batches fairly, and a batch is bounded by what its
 * items cost, too: so nobody waits long behind a request of many or dear items.
 */
export class Batcher<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #limits: BatchLimits;
  readonly #costs: ItemCosts<Item>;
  readonly #queue = new FairQueue<Entry<Item, Result>>();
  #batch: Promise<void> | undefined;
  #working = false;
  #onFull: (() => void) | undefined;
  #millisecondsPerCost = 0;
  /** Until when those who were answered together are waited for, in milliseconds. */
  #lingerUntil = 0;

  /**
   * @param run - Gives the results of some items in their order. It is never called twice at once.
   * @param costs - Default: all items cost the same.
   */
  constructor(
    run: (items: readonly Item[]) => Promise<readonly Result[]>,
    limits: BatchLimits,
    costs: ItemCosts<Item> = { costOf: () => 1, maxCost: Number.POSITIVE_INFINITY },
  ) {
    this.#run = run;
    this.#limits = limits;
    this.#costs = costs;
  }

  /** Items that wait; those of the running batch do not count. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** @throws OverloadedError when so many items would not find a place. */
  requireRoom(count: number): void {
    const { maxBatch, maxQueue, maxDelay } = this.#limits;
    if (this.#queue.size + count > maxQueue) throw this.#full(this.#queue.cost);
    const ahead = this.#queue.ahead();
    const isLate = ahead.cost * this.#millisecondsPerCost > maxDelay;
    if (ahead.items >= maxBatch && isLate) throw this.#full(ahead.cost);
  }

  /**
   * Queues some items of a request, for which there must be room. They need not end up in the same batch.
   *
   * @param signal - When it is aborted, its reason is thrown at once, and items that still wait leave.
   * @param request - The same object for all items of a request, and with the same signal.
   * @returns The results in the order of the items.
   */
  async add(items: readonly Item[], signal: AbortSignal, request: object): Promise<Result[]> {
    signal.throwIfAborted();
    const since = performance.now();
    const entries = items.map((item) => {
      const cost = this.#costs.costOf(item);
      return createEntry<Item, Result>({ item, cost, since, request });
    });
    const leave = (): void => this.#leave(request, entries, signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    for (const entry of entries) this.#queue.add(request, entry, entry.cost);
    if (this.#queue.size >= this.#limits.maxBatch) this.#onFull?.();
    this.#wake();
    try {
      return await Promise.all(entries.map(({ result }) => result));
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** Waits for the batch that is running, if there is one. */
  async settled(): Promise<void> {
    await this.#batch;
  }

  #full(cost: number): OverloadedError {
    return new OverloadedError((cost * this.#millisecondsPerCost) / 1000);
  }

  #leave(request: object, entries: readonly Entry<Item, Result>[], reason: unknown): void {
    this.#queue.drop(request);
    for (const entry of entries) entry.reject(reason);
  }

  #wake(): void {
    if (this.#working) return;
    this.#working = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    while (this.#queue.size > 0) {
      await this.#gather();
      const entries = this.#takeBatch();
      // All may have left while others were waited for.
      if (entries.length === 0) continue;
      this.#batch = this.#runBatch(entries);
      await this.#batch;
      this.#batch = undefined;
    }
    this.#working = false;
  }

  #takeBatch(): Entry<Item, Result>[] {
    const entries: Entry<Item, Result>[] = [];
    let left = this.#costs.maxCost;
    while (entries.length < this.#limits.maxBatch) {
      const next = this.#queue.peek();
      if (next === undefined || (entries.length > 0 && next.cost > left)) break;
      left -= next.cost;
      entries.push(this.#queue.take()!);
    }
    return entries;
  }

  /** Waits until the batch is full, or its first item has waited long enough. */
  async #gather(): Promise<void> {
    const { maxBatch, maxWait } = this.#limits;
    // What has arrived together goes together.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#linger();
    const first = this.#queue.peek();
    if (first === undefined || this.#queue.size >= maxBatch) return;
    const patience = first.item.since + maxWait - performance.now();
    if (patience <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#onFull = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onFull = undefined;
  }

  /** Waits while requests of those who were just answered come in. */
  async #linger(): Promise<void> {
    let before = -1;
    while (
      this.#queue.size > before &&
      this.#queue.size < this.#limits.maxBatch &&
      performance.now() < this.#lingerUntil
    ) {
      before = this.#queue.size;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** Never rejects: a failure is that of every item of the batch. */
  async #runBatch(entries: readonly Entry<Item, Result>[]): Promise<void> {
    const startedAt = performance.now();
    try {
      const results = await this.#run(entries.map(({ item }) => item));
      for (const [index, entry] of entries.entries()) entry.resolve(results[index]!);
    } catch (error) {
      for (const entry of entries) entry.reject(error);
    }
    const endedAt = performance.now();
    const isShared = new Set(entries.map(({ request }) => request)).size > 1;
    this.#lingerUntil = isShared ? endedAt + LINGER * (endedAt - startedAt) : 0;
    const cost = entries.reduce((sum, entry) => sum + entry.cost, 0);
    const perCost = (endedAt - startedAt) / cost;
    const weight = this.#millisecondsPerCost === 0 ? 1 : NEWEST;
    this.#millisecondsPerCost += weight * (perCost - this.#millisecondsPerCost);
  }
}

function createEntry<Item, Result>(
  given: Pick<Entry<Item, Result>, "item" | "cost" | "since" | "request">,
): Entry<Item, Result> {
  const { promise, resolve, reject } = withResolvers<Result>();
  return { ...given, result: promise, resolve, reject };
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}
