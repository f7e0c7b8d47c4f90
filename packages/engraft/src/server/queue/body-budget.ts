import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { ServerOptions } from "../options.js";
import { QueueFullError } from "./batcher.js";

/**
 * Bounds the memory that the bodies of all requests under way take together: one body is bounded by its
 * own limit, and queues only by numbers of inputs.
 */
export class BodyBudget {
  readonly #limits: Pick<ServerOptions, "maxBody" | "maxBodies">;
  #taken = 0;

  constructor(limits: Pick<ServerOptions, "maxBody" | "maxBodies">) {
    this.#limits = limits;
  }

  /**
   * Takes what a body may need until its request is answered or given up.
   *
   * @throws QueueFullError when there is not so much left.
   */
  take(headers: IncomingHttpHeaders, response: ServerResponse): void {
    const { maxBody, maxBodies } = this.#limits;
    const bytes = Math.min(maxBody, declaredBytes(headers));
    if (this.#taken + bytes > maxBodies) throw new QueueFullError(1);
    this.#taken += bytes;
    response.once("close", () => {
      this.#taken -= bytes;
    });
  }
}

/** Bytes of a body by its head; one in chunks may be of any size. */
function declaredBytes(headers: IncomingHttpHeaders): number {
  if (headers["transfer-encoding"] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(headers["content-length"] ?? 0);
}
