import type { WorkerNeeds } from "@engraft/core/workers";
import type { Port } from "@engraft/core/workers/port";
import { startWorker } from "./node-port.js";

/*
 * The threads of Node. Their entries are found beside this file, also where all of it is bundled.
 */

/** Starts a thread that runs models and decodes images. */
export function startComputeWorker(needs: WorkerNeeds): Port {
  return startWorker(new URL("./compute-worker.js", import.meta.url), needs);
}

/** Starts a thread that trains. */
export function startTrainingWorker(): Port {
  return startWorker(new URL("./training-worker.js", import.meta.url));
}
