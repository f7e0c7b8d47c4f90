import type { Runtime, Session, SessionModel, SessionOptions } from "@engraft/core";
import { createQueue } from "@engraft/core/internal";

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
  let loaded: Layers | undefined;
  const take = async (layers: Layers): Promise<Session> => {
    if (loaded !== layers) await loaded?.unload();
    loaded = layers;
    return layers.load(runtime);
  };
  return {
    concurrency: runtime.concurrency,
    async createSession(model, options = {}) {
      if (options.base === undefined) return runtime.createSession(model, options);
      const layers = new Layers(model, options);
      const { inputNames, outputNames } = await queue(() => take(layers));
      return {
        inputNames,
        outputNames,
        run: (feeds) => queue(async () => (await take(layers)).run(feeds)),
        release: () => queue(() => layers.unload()),
      };
    },
  };
}

/** A model that is loaded or not. */
class Layers {
  readonly #model: SessionModel;
  readonly #options: SessionOptions;
  #session: Promise<Session> | undefined;

  constructor(model: SessionModel, options: SessionOptions) {
    this.#model = model;
    this.#options = options;
  }

  async load(runtime: Runtime): Promise<Session> {
    this.#session ??= runtime.createSession(this.#model, this.#options);
    return this.#session;
  }

  async unload(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.then((opened) => opened.release()).catch(() => {});
  }
}
