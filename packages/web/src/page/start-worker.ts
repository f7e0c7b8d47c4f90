import type { WorkerError } from "@engraft/core/errors";
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
  const listening = new AbortController();
  let listener: PortListener | undefined;
  let isOpen = false;
  return {
    ...port,
    listen(given) {
      listener = given;
      port.listen({
        message: (message) => given.message(message),
        ended: (error) => given.ended(isOpen ? error : notStarted(code, error)),
      });
      // A page that is left must not hold locks and files; should it come back, another worker is started.
      const leave = (): void => {
        worker.terminate();
        listener?.ended(workerDied("the page was left"));
      };
      addEventListener("pagehide", leave, { once: true, signal: listening.signal });
    },
    close() {
      listening.abort();
      return port.close();
    },
    watch() {
      isOpen = true;
      // Browsers say nothing of a worker that they end for want of memory, but give its locks back.
      void navigator.locks?.request(name, () => {
        listener?.ended(workerDied("the browser has ended it"));
      });
    },
  };
}

/** The error where the code of the worker does not run: browsers say nothing of a file that is none. */
function notStarted(code: string | URL | undefined, cause: WorkerError): WorkerError {
  const place = code === undefined ? "beside the code of the page" : String(code);
  const how =
    `its code (${place}) could not be started. Look whether the server has this file, and sends it as ` +
    "JavaScript";
  return workerDied(how, { cause });
}
