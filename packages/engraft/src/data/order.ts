/** Compares two strings by Unicode code point (plain `<` compares UTF-16 units). */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for code points above U+FFFF, behind U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
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
