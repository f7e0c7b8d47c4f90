/** Does one piece of work after the other. */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue: work starts in the order in which it is given, when what came before has ended or failed. */
export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}

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

/**
 * Applies `work` to every item with at most `limit` running at a time; results come in the order of
 * the items. Nothing is read ahead beyond the limit.
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    const started = work(item);
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    started.catch(() => {});
    running.push(started);
    if (running.length === limit) yield await (running.shift() as Promise<R>);
  }
  for (const result of running) yield await result;
}
