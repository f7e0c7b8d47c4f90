import type { Random } from "../random/random.js";

/** How an epoch is cut into batches. */
export interface BatchOptions {
  /** Number of samples. */
  readonly count: number;
  /** Samples in a batch. */
  readonly size: number;
  /**
   * Whether a last batch with fewer samples is left out. A set smaller than one batch is kept
   * whatever this says.
   */
  readonly dropLast: boolean;
}

/** Number of batches of an epoch. */
export function countBatches({ count, size, dropLast }: BatchOptions): number {
  const batches = dropLast ? Math.floor(count / size) : Math.ceil(count / size);
  return Math.max(batches, Math.min(count, 1));
}

/**
 * The batches of an epoch as positions of samples, every sample at most once, in an order that
 * depends on the stream's seed and the number of the epoch alone: a resumed run sees the batches that
 * an uninterrupted one would have seen.
 *
 * @param random - The stream of the run; nothing is drawn from it.
 * @param epoch - Number of the epoch.
 */
export function shuffledBatches(options: BatchOptions, random: Random, epoch: number): number[][] {
  const order = Array.from({ length: options.count }, (_, position) => position);
  random.derive(`batches/${epoch}`).shuffle(order);
  return Array.from({ length: countBatches(options) }, (_, batch) =>
    order.slice(batch * options.size, (batch + 1) * options.size),
  );
}
