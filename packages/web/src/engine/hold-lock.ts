/**
 * Takes a lock that is held until this worker ends: the page sees by it whether the worker is alive.
 *
 * @returns When it is taken; at once where the browser has no locks.
 */
export function holdLock(name: string): Promise<void> {
  if (navigator.locks === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    void navigator.locks.request(name, () => {
      resolve();
      return new Promise<never>(() => {});
    });
  });
}
