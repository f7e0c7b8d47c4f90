import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";
import { excerpt } from "./excerpt.js";
import type { ServerOptions } from "./options.js";
import { Refusal, tooLarge } from "./problems.js";
import { QueueFullError } from "./queue/batcher.js";

/**
 * Headers of every answer: it is what its media type says, belongs to no page, and is of the moment.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/** What a client is told about an error that was thrown while its request was handled. */
export function toRefusal(error: unknown, options: ServerOptions): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof QueueFullError) {
    const detail = "Too many inputs wait already. Try again after the seconds in Retry-After.";
    return new Refusal("queue/full", detail, { retryAfter: error.retryAfter });
  }
  const status = statusOf(error);
  if (status === 413) return tooLarge(options.maxBody);
  if (status === 415 || status === 406) {
    const detail = "Send application/json or multipart/form-data, and say so in Content-Type.";
    return new Refusal("request/media-type", detail);
  }
  if (status !== undefined && status < 500) {
    const detail = `The request is not valid: ${excerpt((error as Error).message)}.`;
    return new Refusal("request/invalid", detail);
  }
  return new Refusal("internal", "The server failed on this request; its log says why.");
}

/** The status that the framework or one of its plugins gives an error. */
function statusOf(error: unknown): number | undefined {
  const isRated = error instanceof Error && "statusCode" in error;
  return isRated && typeof error.statusCode === "number" ? error.statusCode : undefined;
}

export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return (
    reply
      .code(refusal.status)
      .headers({ ...SECURITY_HEADERS, ...refusal.headers })
      // As bytes: for a text the framework would add a charset, which this media type does not have.
      .send(Buffer.from(JSON.stringify(refusal.toProblem())))
  );
}

/** Answers what is not even HTTP, or did not arrive in time. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const refusal =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? new Refusal("request/slow", "The request did not arrive in time.")
      : new Refusal("request/invalid", "This is not a valid HTTP request.");
  const body = JSON.stringify(refusal.toProblem());
  const headers = {
    ...SECURITY_HEADERS,
    ...refusal.headers,
    "content-length": body.length,
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const start = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`;
  socket.end([start, ...lines, "", body].join("\r\n"));
}
