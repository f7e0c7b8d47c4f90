import type { ServerResponse } from "node:http";
import { Refusal } from "./problems.js";

/**
 * Runs work that is given up when it takes too long, or when whoever asked for it has gone.
 *
 * @param timeout - Milliseconds.
 * @throws Refusal `request/timeout` when the work takes longer.
 */
export async function withDeadline<T>(
  response: ServerResponse,
  timeout: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const detail = `There was no answer within ${timeout / 1000} s. Send fewer inputs, or try again later.`;
  const late = (): void =>
    controller.abort(new Refusal("request/timeout", detail, { retryAfter: 1 }));
  const gone = (): void =>
    controller.abort(new Refusal("request/invalid", "The connection was closed."));
  const timer = setTimeout(late, timeout);
  response.once("close", gone);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    response.off("close", gone);
  }
}
