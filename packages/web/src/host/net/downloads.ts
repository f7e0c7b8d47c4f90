import type { OnProgress } from "@engraft/core";

/**
 * Tells whoever is working how far the files have come that the work waits for. A file that several
 * pieces of work wait for is fetched once, and all of them are told.
 */
export class Downloads {
  readonly #listeners = new Set<OnProgress>();
  readonly #files = new Set<{ done: number; total: number; isUnderWay: boolean }>();

  /** Listens until the returned function is called. */
  listen(listener: OnProgress): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to count a file. All files that are on their way together are counted together. */
  begin(total: number): Download {
    const file = { done: 0, total, isUnderWay: true };
    this.#files.add(file);
    return {
      note: (done, actual) => {
        file.done = done;
        if (actual > 0) file.total = actual;
        this.#tell();
      },
      end: () => {
        file.isUnderWay = false;
        if (![...this.#files].some(({ isUnderWay }) => isUnderWay)) this.#files.clear();
      },
    };
  }

  #tell(): void {
    const sum = { done: 0, total: 0 };
    for (const { done, total } of this.#files) {
      sum.done += done;
      sum.total += total;
    }
    for (const listener of this.#listeners) listener({ phase: "download", ...sum });
  }
}

/** A file that is on its way. */
interface Download {
  /** Notes how many bytes are there. @param actual - How many there will be; 0 where that is not known. */
  note(done: number, actual: number): void;
  /** It has arrived, or will not. */
  end(): void;
}
