import { type MessagePort, parentPort as parent, Worker } from "node:worker_threads";
import { WorkerError } from "@engraft/core/errors";
import { type Port, type PortListener, workerDied } from "@engraft/core/workers/port";
import "../runtime/no-telemetry.js";

/** Starts a thread that runs a module. It keeps the process alive only while answers are awaited. */
export function startWorker(entry: URL): Port {
  return workerPort(new Worker(entry));
}

/** The port to a thread that this one has started. */
export function workerPort(worker: Worker): Port {
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen(listener) {
      listenTo(worker, listener);
      worker.on("error", (cause) => listener.ended(workerDied(cause.message, { cause })));
      worker.on("exit", (exitCode) =>
        listener.ended(workerDied(`it ended with exit code ${exitCode}`, { exitCode })),
      );
      // Node keeps a process alive that listens to a worker; at first no answer is awaited.
      worker.unref();
    },
    async close() {
      await worker.terminate();
    },
    setBusy: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
  };
}

/** The port to the thread that has started this one. */
export function parentPort(): Port {
  if (parent === null) throw new Error("internal: this is no worker");
  const port = parent;
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    listen(listener) {
      listenTo(port, listener);
      port.on("close", () => listener.ended(workerDied("its connection was closed")));
    },
    async close() {
      port.close();
    },
  };
}

function listenTo(source: Worker | MessagePort, listener: PortListener): void {
  source.on("message", (message) => listener.message(message));
  source.on("messageerror", (cause: Error) =>
    listener.ended(
      new WorkerError("worker/message", "A message of a thread cannot be read.", { cause }),
    ),
  );
}
