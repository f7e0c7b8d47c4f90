/** Row 9 stands before row 10. */
const BY_NUMBER = new Intl.Collator("en", { numeric: true });

/** What was understood in a way that may be wrong, or is doubtful, without stopping the reading. */
interface Notice {
  /** The first place where it is so. */
  where: string;
  count: number;
}

/**
 * Collects what readers say about data that they can use. The same thing about many rows or files is
 * told once, with their number.
 */
export class Notices {
  readonly #found = new Map<string, Notice>();

  /**
   * @param where - The row, file or folder, as in a {@link DataProblem}.
   * @param what - Follows a colon, whether it is about one place or many.
   */
  add(where: string, what: string): void {
    const notice = this.#found.get(what);
    if (notice === undefined) {
      this.#found.set(what, { where, count: 1 });
    } else {
      notice.count += 1;
      // Files are looked at several at a time, in no certain order.
      if (BY_NUMBER.compare(where, notice.where) < 0) notice.where = where;
    }
  }

  /** Tells each thing, in the order in which they were found first, and forgets them. */
  tell(onWarning: ((message: string) => void) | undefined): void {
    for (const [what, { where, count }] of this.#found) {
      const more = count === 1 ? "" : ` and ${count - 1} more`;
      onWarning?.(`${where}${more}: ${what}.`);
    }
    this.#found.clear();
  }
}
