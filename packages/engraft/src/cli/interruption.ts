/**
 * Turns Ctrl-C and `kill` into an abort: the work stops at the next safe point and keeps what it
 * has. A second Ctrl-C ends the process at once.
 */
export class Interruption {
  private readonly controller = new AbortController();
  private readerGone = false;
  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (this.controller.signal.aborted) {
      // Not process.exit(), which waits for the threads and lets ONNX Runtime crash in the middle of a run.
      this.close();
      process.kill(process.pid, signal);
    }
    this.controller.abort();
  };

  constructor() {
    process.on("SIGINT", this.onSignal);
    process.on("SIGTERM", this.onSignal);
  }

  /**
   * Stops the work because whoever read its results has seen enough (`| head`), which is no error.
   * In order, as Ctrl-C does: an exit in the middle of a run makes ONNX Runtime crash.
   */
  readerLeft(): void {
    this.readerGone = true;
    this.controller.abort();
  }

  get isReaderGone(): boolean {
    return this.readerGone;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  close(): void {
    process.off("SIGINT", this.onSignal);
    process.off("SIGTERM", this.onSignal);
  }
}
