/** Does work that one tab at a time may do, where the browser has locks. */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (navigator.locks === undefined) return work();
  return navigator.locks.request(`engraft-${name}`, work);
}

/**
 * Does work that no other tab may do in the meantime.
 *
 * @param taken - The error where another tab does it.
 */
export async function exclusively<T>(
  name: string,
  work: () => Promise<T>,
  taken: () => Error,
): Promise<T> {
  if (navigator.locks === undefined) return work();
  return navigator.locks.request(`engraft-${name}`, { ifAvailable: true }, (lock) => {
    if (lock === null) throw taken();
    return work();
  });
}
