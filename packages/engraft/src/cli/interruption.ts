/**
 * Turns Ctrl-C and `kill` into an abort: the work stops at the next safe point and keeps what it
 * has. A second Ctrl-C ends the process at once.
 */
export class Interruption {
  private readonly controller = new AbortController();
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

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  close(): void {
    process.off("SIGINT", this.onSignal);
    process.off("SIGTERM", this.onSignal);
  }
}
