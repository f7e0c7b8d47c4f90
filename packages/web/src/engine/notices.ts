import type { Call } from "@engraft/core/workers/rpc";
import type { EngineEvent } from "../protocol/facts.js";

/** Tells the page what concerns the worker: each notice once, with a call that is under way or the next one. */
export class Notices {
  readonly #calls = new Set<Call<EngineEvent>>();
  readonly #untold: string[] = [];

  tell(message: string): void {
    // A page hears nothing more of a call that it has stopped.
    const call = [...this.#calls].find(({ signal }) => !signal.aborted);
    if (call === undefined) this.#untold.push(message);
    else call.notify({ kind: "notice", message });
  }

  /** Answers a call, which may be told notices in the meantime. */
  async during<T>(call: Call<EngineEvent>, answer: () => Promise<T>): Promise<T> {
    this.#calls.add(call);
    for (const message of this.#untold.splice(0)) this.tell(message);
    try {
      return await answer();
    } finally {
      this.#calls.delete(call);
    }
  }
}
