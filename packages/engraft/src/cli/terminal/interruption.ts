/** How long interrupted work has until the process ends without it. Milliseconds. */
export const GRACE = 10_000;

/**
 * Turns Ctrl-C and `kill` into an signal: the work stops at the next safe point and keeps what it has. A
 * second signal, and the end of a time of grace, end the process at once.
 *
 * Nothing is caught before {@link Interruption.catchSignals}: a process whose thread is busy cannot look
 * at a signal, so only the operating system ends it at once. Files are written under other names and
 * renamed, so that an end at any moment leaves the old or the new.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #caught: NodeJS.Signals | undefined;
  #catching = false;
  #grace = GRACE;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#caught !== undefined) this.#end(signal);
    this.#caught = signal;
    setTimeout(() => this.#end(signal), this.#grace).unref();
    this.#controller.abort();
  };

  /**
   * From now on there is something to keep, and the work yields: signals signal it.
   *
   * @param grace - How long the work may take to stop, in milliseconds. Default 10,000.
   */
  catchSignals(grace: number = GRACE): void {
    this.#grace = grace;
    if (this.#catching) return;
    this.#catching = true;
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
  }

  /** Passes progress on. The first of it means that there is something to keep. */
  keeping<T>(onProgress: (progress: T) => void): (progress: T) => void {
    return (progress) => {
      this.catchSignals();
      onProgress(progress);
    };
  }

  /**
   * Stops the work because its results can no longer be written. In order, as Ctrl-C does: an exit in
   * the middle of a run makes ONNX Runtime crash.
   */
  outputLost(): void {
    this.#controller.abort();
  }

  /** The signal of the operating system that was caught. */
  get caughtSignal(): NodeJS.Signals | undefined {
    return this.#caught;
  }

  /** Aborted when the work should stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  close(): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
  }

  /** Not process.exit(), which waits for the threads and lets ONNX Runtime crash in the middle of a run. */
  #end(signal: NodeJS.Signals): void {
    this.close();
    process.kill(process.pid, signal);
  }
}
