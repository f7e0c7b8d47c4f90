/**
 * A value that is made when it is first asked for. Where that fails it is made anew the next time: what
 * was missing, such as memory or a file, may be there by then.
 */
export class Lazy<T> {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | undefined;

  /** @param made - The value, where it is there already. */
  constructor(make: () => Promise<T>, made?: T) {
    this.#make = make;
    this.#made = made === undefined ? undefined : Promise.resolve(made);
  }

  /** The value. */
  get(): Promise<T> {
    return this.#made ?? this.#start();
  }

  /** Forgets the value, and hands it out where it was made. */
  take(): Promise<T> | undefined {
    const made = this.#made;
    this.#made = undefined;
    return made;
  }

  #start(): Promise<T> {
    const made = this.#make();
    this.#made = made;
    made.catch(() => {
      if (this.#made === made) this.#made = undefined;
    });
    return made;
  }
}
