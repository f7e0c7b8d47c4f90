/**
 * Runs `work` over all items with at most `limit` in progress, starting them in order. The first
 * failure stops new starts, waits for what is under way and is thrown.
 */
export async function forEachConcurrent<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    try {
      for (let next = iterator.next(); !next.done && !failure; next = iterator.next()) {
        signal?.throwIfAborted();
        await work(next.value);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  if (failure) throw failure.error;
}
