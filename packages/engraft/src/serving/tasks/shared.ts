/** Something that holds memory until it is released. */
interface Releasable {
  release(): Promise<void>;
}

/** A resource with several users, released when the last of them has let go of it. */
export class Shared<T extends Releasable> {
  readonly value: T;
  #users = 1;

  /** Whoever makes it is its first user. */
  constructor(value: T) {
    this.value = value;
  }

  /** Adds a user, who must {@link release} of it in the end. */
  take(): this {
    if (this.#users === 0) throw new Error("internal: a shared resource was already released");
    this.#users += 1;
    return this;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) await this.value.release();
  }
}
