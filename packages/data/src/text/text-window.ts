/** Below this size every new piece is looked at as soon as it arrives. */
const EAGER = 65_536;

/**
 * The part of a stream of text that is being looked at. A reader scans `text` from `position`, asks
 * for more with `grow` when what it looks for is not complete, and moves on with `skip`.
 */
export class TextWindow {
  /** The text that is held. */
  text = "";
  /** Start of what has not been consumed. */
  position = 0;
  /** No more text will come. */
  ended = false;

  readonly #pieces: AsyncIterator<string>;

  constructor(pieces: AsyncIterable<string>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Number of UTF-16 units that are held and not consumed. */
  get pending(): number {
    return this.text.length - this.position;
  }

  skip(length: number): void {
    this.position += length;
  }

  /**
   * Reads on. Long text is at least doubled, so that a reader that starts again after every call
   * still needs linear time.
   */
  async grow(): Promise<void> {
    const wanted = this.pending < EAGER ? this.pending + 1 : 2 * this.pending;
    const parts = [this.text.slice(this.position)];
    let length = this.pending;
    while (length < wanted && !this.ended) {
      const next = await this.#pieces.next();
      if (next.done) {
        this.ended = true;
      } else {
        parts.push(next.value);
        length += next.value.length;
      }
    }
    this.text = parts.join("");
    this.position = 0;
  }

  /**
   * Consumes one line and returns it without its end (CRLF, LF or CR). `"too long"` stands for a
   * line of more than `limit` units, which is passed over without being held; `undefined` for the
   * end of the text.
   */
  async readLine(limit: number): Promise<{ text: string } | "too long" | undefined> {
    let tooLong = false;
    for (;;) {
      const lineEnd = /\r\n|\r|\n/g;
      lineEnd.lastIndex = this.position;
      const found = lineEnd.exec(this.text);
      // A CR at the very end may be half of a CRLF.
      const half = found?.[0] === "\r" && lineEnd.lastIndex === this.text.length && !this.ended;
      const complete = found !== null && !half;
      if (complete || (this.ended && this.pending > 0)) {
        const end = found?.index ?? this.text.length;
        const text = this.text.slice(this.position, end);
        this.position = found === null ? end : lineEnd.lastIndex;
        return tooLong || text.length > limit ? "too long" : { text };
      }
      if (this.ended) return undefined;
      if (this.pending > limit) {
        tooLong = true;
        this.skip(this.pending - 1);
      }
      await this.grow();
    }
  }

  /** Tells the source that nothing more is wanted, so that it can close its file. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
