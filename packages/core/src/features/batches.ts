/** Tokens in one batch: large enough to keep the cores busy, small enough to stay in their caches. */
const TOKENS_PER_BATCH = 2048;

/** Images in one batch. */
export const IMAGES_PER_BATCH = 8;

/**
 * Groups token sequences into batches of equal length, longest first.
 *
 * Sequences are never padded: padding is wasted work, and it would make an item's features depend,
 * in their last bits, on which other items happen to be in the batch.
 *
 * @returns Positions in `lengths`, batch by batch.
 */
export function batchByLength(lengths: readonly number[]): number[][] {
  const byLength = new Map<number, number[]>();
  lengths.forEach((length, position) => {
    const group = byLength.get(length);
    if (group) group.push(position);
    else byLength.set(length, [position]);
  });
  return [...byLength]
    .sort(([a], [b]) => b - a)
    .flatMap(([length, positions]) =>
      chunk(positions, Math.max(1, Math.floor(TOKENS_PER_BATCH / Math.max(1, length)))),
    );
}

/** Splits a list into runs of `size`; the last one may be shorter. */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return chunks;
}
