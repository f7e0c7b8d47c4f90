/**
 * Does work on the newest of what is given, one at a time: what comes in the meantime waits, and only the
 * last of it.
 */
export class Latest<T> {
  readonly #work: (given: T) => Promise<void>;
  #waiting: { readonly given: T } | undefined;
  #running: Promise<void> | undefined;

  /** @param work - Handles its errors itself. */
  constructor(work: (given: T) => Promise<void>) {
    this.#work = work;
  }

  /** @returns When all work is done that was given so far. */
  give(given: T): Promise<void> {
    this.#waiting = { given };
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
        this.#waiting = undefined;
        await this.#work(next.given);
      }
    } finally {
      this.#running = undefined;
    }
  }
}
