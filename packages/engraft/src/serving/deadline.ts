import { DeadlineError } from "./errors.js";

/**
 * Runs work that is given up when it takes too long.
 *
 * @param timeout - Milliseconds.
 * @param signal - Gives the work up as well, with its own reason.
 * @throws DeadlineError as the reason of the signal that the work gets.
 */
export async function withDeadline<T>(
  timeout: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(new DeadlineError(timeout)), timeout);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
