import type { Runtime, Session } from "@engraft/core";
import { createQueue } from "@engraft/core/internal";

/** The GPU is of no use any more, for any model: it was lost, or does not answer. */
export class GpuGone extends Error {
  override readonly name = "GpuGone";
}

/** A GPU that does not answer within so many milliseconds is taken for one that never will. */
const LIMIT = 60_000;

/**
 * The same runtime. It does one thing at a time, as its code demands, and what waits for a GPU that is
 * lost or does not answer fails: it would wait for ever.
 *
 * @param lost - Resolved with the reason when the GPU is lost.
 */
export function guarded(runtime: Runtime, lost: Promise<string>): Runtime {
  const gpu = new Gpu(lost);
  const queue = createQueue();
  const alone = <T>(work: () => Promise<T>): Promise<T> => queue(() => gpu.resultOf(work));
  const guardedSession = (session: Session): Session => ({
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds) => alone(() => session.run(feeds)),
    release: () => alone(() => session.release()),
  });
  return {
    concurrency: 1,
    createSession: async (model, options) =>
      guardedSession(await alone(() => runtime.createSession(model, options))),
  };
}

/** Fails what is under way when the GPU is gone, and all that comes afterwards. */
class Gpu {
  #gone: GpuGone | undefined;
  /** One promise for all would remember every piece of work that ever waited for it. */
  readonly #waiting = new Set<(error: GpuGone) => void>();

  constructor(lost: Promise<string>) {
    void lost.then((reason) => this.#end(`it was lost (${reason})`));
  }

  resultOf<T>(work: () => Promise<T>): Promise<T> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      const silent = `it has not answered within ${LIMIT / 1000} s`;
      const timer = setTimeout(() => this.#end(silent), LIMIT);
      this.#waiting.add(reject);
      const forget = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(reject);
      };
      work().then(resolve, reject).finally(forget);
    });
  }

  #end(reason: string): void {
    this.#gone ??= new GpuGone(reason);
    for (const fail of this.#waiting) fail(this.#gone);
  }
}
