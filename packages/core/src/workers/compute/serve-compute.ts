import type { DecodeImage } from "../../augment/prepare-image.js";
import type { Runtime, Session } from "../../runtime/runtime.js";
import type { Port } from "../rpc/port.js";
import type { Handlers } from "../rpc/protocol.js";
import type { ErrorClasses } from "../rpc/sent-error.js";
import { serve } from "../rpc/server.js";
import { COMPUTE, type ComputeMethods } from "./compute-protocol.js";

/** What a home gives a compute worker. */
export interface ComputeHome {
  /** Runs models on the worker's own thread. A failure to load it is thrown by what needs it. */
  readonly runtime: Promise<Runtime>;
  /** Loads the decoder of images, which texts do not need. */
  readonly loadDecoder: () => Promise<DecodeImage>;
  readonly sha256: (data: Uint8Array) => Promise<string>;
  /** Classes that errors keep on their way to the caller, which has the same. */
  readonly errors: ErrorClasses;
}

/**
 * Makes this thread a compute worker: it holds sessions, runs them, and prepares images. It loads no
 * more than that: how fast a worker starts is how fast the first prediction is.
 *
 * @param port - To the pool that has started the worker.
 */
export function serveCompute(port: Port, home: ComputeHome): void {
  // Somebody who needs it hears of the failure.
  home.runtime.catch(() => {});
  serve<ComputeMethods>(port, COMPUTE, handlers(home), home.errors);
}

function handlers({ runtime, loadDecoder, sha256 }: ComputeHome): Handlers<ComputeMethods> {
  // Promises, because a run may arrive while its session is still loading.
  const sessions = new Map<number, Promise<Session>>();
  const sessionOf = (id: number): Promise<Session> => {
    const session = sessions.get(id);
    if (session === undefined) throw new Error(`internal: no session ${id} on this worker`);
    return session;
  };
  return {
    async initialize({ images }) {
      // A failure shows at its use.
      if (images) loadDecoder().catch(() => {});
      await (await runtime).initialize?.();
      return undefined;
    },
    async create({ session: id, model, options }) {
      const opened = runtime.then((loaded) => loaded.createSession(model, options));
      sessions.set(id, opened);
      try {
        const { inputNames, outputNames } = await opened;
        return { inputNames, outputNames, model };
      } catch (error) {
        sessions.delete(id);
        throw error;
      }
    },
    async run({ session, feeds }) {
      return (await sessionOf(session)).run(feeds);
    },
    async release({ session }) {
      const opened = sessions.get(session);
      sessions.delete(session);
      await (await opened)?.release();
      return undefined;
    },
    async prepareImage({ file, spec, changes }, { signal }) {
      const [{ prepareImage }, decode] = await Promise.all([
        import("../../augment/prepare-image.js"),
        loadDecoder(),
      ]);
      return prepareImage(file, spec, decode, { changes, signal });
    },
    hash: ({ data }) => sha256(data),
  };
}
