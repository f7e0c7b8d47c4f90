/** How long a window waits for more before it is handed over as it is. Milliseconds. */
const PATIENCE = 50;

/**
 * Groups items into windows of up to `size`, in order. A window that is not full is handed over when
 * no further item comes for a moment, so that a slow source (`tail -f`) is answered at once. The next
 * item is read while a window is being worked on.
 */
export async function* windows<T>(
  items: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<T[]> {
  const iterator = iterate(items);
  let pending = readNext(iterator);
  let window: T[] = [];
  try {
    for (;;) {
      const next = window.length === 0 ? await pending : await orQuiet(pending);
      if (next !== undefined) {
        if (next.done) break;
        window.push(next.value);
        pending = readNext(iterator);
        if (window.length < size) continue;
      }
      yield window;
      window = [];
    }
    if (window.length > 0) yield window;
  } finally {
    // Not awaited: a source that waits for input would hold up whoever stopped reading.
    void iterator.return?.()?.then(undefined, () => {});
  }
}

function iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T, undefined> {
  async function* each(): AsyncGenerator<T, undefined> {
    yield* items;
  }
  return Symbol.asyncIterator in items
    ? (items[Symbol.asyncIterator]() as AsyncIterator<T, undefined>)
    : each();
}

/** Reads ahead; an error is thrown where the item is asked for, not while nobody waits for it. */
function readNext<T>(iterator: AsyncIterator<T, undefined>): Promise<IteratorResult<T, undefined>> {
  const next = iterator.next();
  next.catch(() => {});
  return next;
}

/** The next item, or undefined when it does not come in time. */
async function orQuiet<N extends object>(pending: Promise<N>): Promise<N | undefined> {
  let give = (): void => {};
  const quiet = new Promise<undefined>((resolve) => {
    give = () => resolve(undefined);
  });
  const timer = setTimeout(() => give(), PATIENCE);
  try {
    return await Promise.race([pending, quiet]);
  } finally {
    clearTimeout(timer);
  }
}
