import { chunk } from "../../features/batches.js";
import type { Random } from "../../random/random.js";

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
  /** Of each sample; where they are given, samples of about equal length share a batch. */
  readonly lengths?: readonly number[] | undefined;
}

/**
 * Batches that are drawn together and then sorted by length. So few that a batch stays a draw from
 * everything, enough that most of the padding goes: of pairs of short texts 7 tenths with 4 batches and
 * nearly 9 with 8.
 */
const BATCHES_SORTED_TOGETHER = 8;

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
  const { count, size, lengths } = options;
  const shuffling = random.derive(`batches/${epoch}`);
  const order = Array.from({ length: count }, (_, position) => position);
  shuffling.shuffle(order);
  if (lengths === undefined) return chunk(order, size).slice(0, countBatches(options));
  const kept = order.slice(0, countBatches(options) * size);
  const batches = chunk(kept, BATCHES_SORTED_TOGETHER * size).flatMap((together) =>
    chunk(
      together.sort((a, b) => lengths[a]! - lengths[b]!),
      size,
    ),
  );
  shuffling.shuffle(batches);
  return batches;
}
