import { Worker } from "node:worker_threads";
import { WorkerPool } from "@engraft/core/workers";
import type { Port } from "@engraft/core/workers/port";
import { NODE_ERRORS } from "./node-errors.js";
import { startWorker, workerPort } from "./node-port.js";

/** A compute thread that nobody has asked for yet. */
let ahead: Worker | undefined;

/**
 * Starts a compute thread ahead of the code that will ask for one, which takes as long to load as the
 * thread takes to start. Whoever does this calls {@link endComputeWorkerAhead} in the end.
 */
export function startComputeWorkerAhead(): void {
  const worker = new Worker(entry());
  const forget = (): void => {
    if (ahead === worker) ahead = undefined;
  };
  // Where it cannot start, another one fails for whoever asks.
  worker.once("error", forget);
  worker.once("exit", forget);
  worker.unref();
  ahead = worker;
}

/** Starts a thread that runs models and decodes images, or gives the one that was started ahead. */
export function startComputeWorker(): Port {
  const worker = ahead;
  ahead = undefined;
  return worker === undefined ? startWorker(entry()) : workerPort(worker);
}

/**
 * Ends the thread that was started ahead if nobody has asked for it. It is let come up first: a thread
 * that is stopped while it loads native code takes the process down.
 */
export async function endComputeWorkerAhead(): Promise<void> {
  if (ahead === undefined) return;
  const pool = new WorkerPool({
    start: startComputeWorker,
    cores: 1,
    errors: NODE_ERRORS,
    onWarning: () => {},
  });
  pool.warmUp({ images: false });
  await pool.close();
}

/** Found beside this file, also where all of it is bundled. */
function entry(): URL {
  return new URL("./compute-worker.js", import.meta.url);
}
