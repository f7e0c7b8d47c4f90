/** Smaller weights are as soon written into the file. */
const SMALLEST_SHARED = 1024;

/** The memory that threads share, as far as weights of a model lie in it. */
export class SharedMemory {
  /** The memory, by the location that a file says of it. */
  readonly content: Map<string, Uint8Array<SharedArrayBuffer>> = new Map();
  readonly #locations = new Map<SharedArrayBuffer, string>();

  /** How the file names some bytes; undefined where they are to be written into it. */
  entriesOf({
    buffer,
    byteOffset,
    byteLength,
  }: Uint8Array): ReadonlyMap<string, string> | undefined {
    if (byteLength < SMALLEST_SHARED || !isShared(buffer)) return undefined;
    const location = this.#locations.get(buffer) ?? `shared-${this.#locations.size}`;
    this.#locations.set(buffer, location);
    this.content.set(location, new Uint8Array(buffer));
    return new Map([
      ["location", location],
      ["offset", String(byteOffset)],
      ["length", String(byteLength)],
    ]);
  }
}

/** Browsers know shared memory only where a page has asked for it. */
function isShared(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  return typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}
