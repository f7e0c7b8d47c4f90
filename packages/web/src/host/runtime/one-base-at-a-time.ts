import type { Runtime, Session } from "@engraft/core";
import { createQueue } from "@engraft/core/internal";
import { Lazy } from "../lazy.js";
import { unload } from "./unload.js";

/** Gigabytes of memory up to which a device is a small one. */
const SMALL = 4;

declare global {
  interface Navigator {
    /** Gigabytes of memory, rounded; not in every browser. */
    readonly deviceMemory?: number;
  }
}

/** Whether the browser says that there is little memory. Some never say. */
export function isSmallDevice(): boolean {
  const memory = globalThis.navigator?.deviceMemory;
  return memory !== undefined && memory <= SMALL;
}

/**
 * A runtime with the layers of one base model in memory at a time, for small devices. Another one takes
 * its place when it is asked, and it is loaded again when it is asked itself: WebAssembly gives no memory
 * back, but uses again what a model has left.
 */
export function oneBaseAtATime(runtime: Runtime): Runtime {
  const queue = createQueue();
  let loaded: Lazy<Session> | undefined;
  const take = async (layers: Lazy<Session>): Promise<Session> => {
    if (loaded !== undefined && loaded !== layers) await unload(loaded);
    loaded = layers;
    return layers.get();
  };
  return {
    concurrency: runtime.concurrency,
    async createSession(model, options = {}) {
      if (options.base === undefined) return runtime.createSession(model, options);
      const layers = new Lazy(() => runtime.createSession(model, options));
      const { inputNames, outputNames } = await queue(() => take(layers));
      return {
        inputNames,
        outputNames,
        run: (feeds) => queue(async () => (await take(layers)).run(feeds)),
        release: () => queue(() => unload(layers)),
      };
    },
  };
}
