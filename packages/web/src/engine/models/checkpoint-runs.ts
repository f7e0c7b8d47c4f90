import { UsageError } from "@engraft/core/errors";
import { exclusively } from "../../host/storage/locks.js";

/**
 * Trainings by the names of their checkpoints. One tab at a time trains with a checkpoint, and one run of
 * a tab: a run that was stopped writes its state before the next one reads it.
 */
export class CheckpointRuns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** @throws UsageError when another tab trains with the checkpoint. */
  async inTurn<T>(name: string | undefined, work: () => Promise<T>): Promise<T> {
    if (name === undefined) return work();
    const before = this.#last.get(name);
    const run = (async () => {
      await before?.catch(() => {});
      return exclusively(`checkpoint-${name}`, work, () => inUse(name));
    })();
    this.#last.set(name, run);
    try {
      return await run;
    } finally {
      if (this.#last.get(name) === run) this.#last.delete(name);
    }
  }
}

function inUse(name: string): UsageError {
  return new UsageError(
    `Another tab trains with the checkpoint ${name}. Wait until it ends, or keep this run under another ` +
      "name.",
  );
}
