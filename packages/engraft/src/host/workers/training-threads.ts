import type { Port } from "@engraft/core/workers/port";
import { startWorker } from "./node-port.js";

/** Starts a thread that trains. Its entry is found beside this file, also where all of it is bundled. */
export function startTrainingWorker(): Port {
  return startWorker(new URL("./training-worker.js", import.meta.url));
}
