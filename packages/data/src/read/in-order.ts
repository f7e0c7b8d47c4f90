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
