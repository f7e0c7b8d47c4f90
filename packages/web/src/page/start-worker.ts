import {
  type EventPort,
  eventPort,
  type PortListener,
  workerDied,
} from "@engraft/core/workers/rpc";
import type { EnginePort } from "./engine.js";

/**
 * Starts the worker of the engine.
 *
 * @param code - The address of its code. Default: beside this code.
 */
export function startWorker(code: string | URL | undefined): EnginePort {
  // The worker holds a lock of this name for as long as it lives.
  const name = `engraft-${crypto.randomUUID()}`;
  // Bundlers find the worker by this very form.
  const worker =
    code === undefined
      ? new Worker(new URL("./engine-worker.js", import.meta.url), { type: "module", name })
      : new Worker(code, { type: "module", name });
  const port = eventPort(worker as unknown as EventPort);
  let listener: PortListener | undefined;
  return {
    ...port,
    listen(given) {
      listener = given;
      port.listen(given);
    },
    watch() {
      // Browsers say nothing of a worker that they end for want of memory, but give its locks back.
      void navigator.locks?.request(name, () => {
        listener?.ended(workerDied("the browser has ended it"));
      });
    },
  };
}
