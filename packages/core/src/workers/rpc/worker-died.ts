import { WorkerError } from "../../errors.js";

/**
 * The error for a worker that is gone without having been asked to.
 *
 * @param how - What is known of its end, to follow a colon.
 */
export function workerDied(
  how: string,
  details: { readonly exitCode?: number | undefined; readonly cause?: unknown } = {},
): WorkerError {
  return new WorkerError(
    "worker/died",
    `A worker thread died: ${how}. What it had been asked for is lost. Try again; where memory is short, ` +
      "with smaller batches or fewer threads.",
    details,
  );
}
