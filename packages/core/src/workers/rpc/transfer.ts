/**
 * The buffers of some arrays, each once, for the transfer list of a message. What cannot move is copied:
 * arrays that are not typed, and memory that is shared.
 */
export function buffersOf(arrays: Iterable<unknown>): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const array of arrays) {
    if (ArrayBuffer.isView(array) && array.buffer instanceof ArrayBuffer) buffers.add(array.buffer);
  }
  return [...buffers];
}
