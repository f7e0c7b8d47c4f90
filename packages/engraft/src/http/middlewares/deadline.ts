import type { ServerResponse } from "node:http";
import { withDeadline } from "../../serving/deadline.js";
import { Refusal } from "../problems.js";

/**
 * Runs work for a request that is given up when it takes too long, or when its client has gone.
 *
 * @param timeout - Milliseconds.
 * @throws DeadlineError when the work takes longer.
 */
export async function whileWanted<T>(
  response: ServerResponse,
  timeout: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const client = new AbortController();
  const gone = (): void =>
    client.abort(new Refusal("request/invalid", "The connection was closed."));
  response.once("close", gone);
  try {
    return await withDeadline(timeout, client.signal, work);
  } finally {
    response.off("close", gone);
  }
}
