import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { ServingError, type ServingRefusal } from "../../serving/errors.js";
import { excerpt } from "../body/excerpt.js";
import { Refusal, tooLarge } from "../problems.js";
import { SECURITY_HEADERS } from "./security-headers.js";

/** How many of the things that are wrong with a request the client is told. */
const LISTED = 20;

/** What the refusals of a server depend on. */
export interface ErrorOptions {
  /** Largest body, in bytes. */
  readonly maxBody: number;
  /** Learns of every error that is a defect of the server. */
  readonly onDefect: (error: unknown) => void;
}

/** Answers every error with a problem document. */
export function answerErrors(app: FastifyInstance, { maxBody, onDefect }: ErrorOptions): void {
  app.setErrorHandler((error, _request, reply) => {
    const refusal = toRefusal(error, maxBody);
    if (refusal.code === "internal") onDefect(error);
    return sendRefusal(reply, refusal);
  });
}

/**
 * What a client is told about an error that was thrown while its request was handled.
 *
 * @param maxBody - Largest body, in bytes.
 */
export function toRefusal(error: unknown, maxBody: number): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ServingError) return servingRefusal(error as ServingRefusal);
  return validationRefusal(error) ?? frameworkRefusal(error, maxBody);
}

function servingRefusal(error: ServingRefusal): Refusal {
  const { message } = error;
  switch (error.code) {
    case "serving/overloaded": {
      const detail = "Too many inputs wait already. Try again after the seconds in Retry-After.";
      return new Refusal("queue/full", detail, { retryAfter: error.retryAfter });
    }
    case "serving/too-many-inputs":
      return new Refusal("request/too-large", message);
    case "serving/unknown-task":
      return new Refusal("task/unknown", message);
    case "serving/modality":
      return new Refusal("request/media-type", message);
    case "serving/not-promised":
      return new Refusal("request/invalid", message);
    case "serving/deadline":
      return new Refusal("request/timeout", message, { retryAfter: 1 });
    case "serving/unreadable-inputs": {
      const errors = error.inputs.slice(0, LISTED);
      return new Refusal("input/unreadable", "Some inputs cannot be decoded; see errors.", {
        errors: errors.map(({ index, what }) => ({ where: `inputs.${index}`, what })),
      });
    }
  }
}

/** What each part of a request is expected to be. */
const EXPECTED: ReadonlyMap<string | undefined, string> = new Map([
  ["body", 'The body is not as expected: {"inputs": ["a text", "another"]}. See errors.'],
  ["querystring", "The query may ask for maxErrorRate, confidence and topK. See errors."],
]);

/** The refusal of a part of a request that its schema does not take. */
function validationRefusal(error: unknown): Refusal | undefined {
  if (!hasZodFastifySchemaValidationErrors(error)) return undefined;
  const { validation, validationContext: part } = error;
  const errors = validation.slice(0, LISTED).map(({ instancePath, message = "" }) => ({
    // `/inputs/3`; what concerns no single field is said of the part as a whole.
    where: instancePath.slice(1).replaceAll("/", ".") || (part === "body" ? "body" : "query"),
    what: excerpt(message),
  }));
  return new Refusal("request/invalid", EXPECTED.get(part) ?? "See errors.", { errors });
}

/** The refusal for an error that the framework or one of its plugins has thrown. */
function frameworkRefusal(error: unknown, maxBody: number): Refusal {
  const status = statusOf(error);
  if (status === 413) return tooLarge(maxBody);
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

/** Sends a problem document. */
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
