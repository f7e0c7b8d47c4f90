import { UsageError } from "@engraft/core/errors";

/** Things of one kind that a page holds by their numbers. */
export class Opened<T> {
  readonly #things = new Map<number, T>();
  readonly #closed: string;
  #next = 1;

  /** @param closed - What is said of a number that nothing has any more. */
  constructor(closed: string) {
    this.#closed = closed;
  }

  /** @returns The number of the thing. */
  add(thing: T): number {
    const number = this.#next++;
    this.#things.set(number, thing);
    return number;
  }

  /** @throws UsageError when it was closed. */
  get(number: number): T {
    const thing = this.#things.get(number);
    if (thing === undefined) throw new UsageError(this.#closed);
    return thing;
  }

  /** Forgets a thing. @returns It; undefined where it was closed before. */
  remove(number: number): T | undefined {
    const thing = this.#things.get(number);
    this.#things.delete(number);
    return thing;
  }
}
