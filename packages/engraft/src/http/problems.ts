import { STATUS_CODES } from "node:http";
import type { Problem, ProblemCode, ProblemDetail } from "@engraft/client";
import { EngraftError } from "@engraft/core/errors";

/** Media type of a problem document (RFC 9457). */
export const PROBLEM_TYPE = "application/problem+json";

/** Status of each kind of refusal. */
const STATUS: Readonly<Record<ProblemCode, number>> = {
  "request/invalid": 400,
  "request/json": 400,
  "request/encoding": 400,
  "auth/required": 401,
  "request/forbidden": 403,
  "route/unknown": 404,
  "task/unknown": 404,
  "method/unknown": 405,
  "request/slow": 408,
  "request/too-large": 413,
  "request/media-type": 415,
  "input/unreadable": 422,
  "queue/full": 429,
  internal: 500,
  "request/timeout": 503,
  "server/stopping": 503,
};

/** Every code, for descriptions of the API. */
export const PROBLEM_CODES: readonly ProblemCode[] = Object.keys(STATUS) as ProblemCode[];

/** Facts of a refusal beside its code and detail. */
export interface RefusalFacts {
  /** What is wrong with single inputs or fields. */
  readonly errors?: readonly ProblemDetail[];
  /** Seconds after which the request may be repeated. */
  readonly retryAfter?: number;
  /** Methods that the address has. */
  readonly allow?: readonly string[];
  readonly cause?: unknown;
}

/** A request that is refused, with what the client is told. */
export class Refusal extends EngraftError {
  readonly code: ProblemCode;
  readonly facts: RefusalFacts;

  constructor(code: ProblemCode, detail: string, facts: RefusalFacts = {}) {
    super(detail, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }

  get status(): number {
    return STATUS[this.code];
  }

  /** HTTP headers that go with the document. */
  get headers(): Record<string, string> {
    const { retryAfter, allow } = this.facts;
    return {
      "content-type": PROBLEM_TYPE,
      ...(retryAfter !== undefined && {
        "retry-after": String(Math.min(60, Math.max(1, Math.ceil(retryAfter)))),
      }),
      ...(allow && { allow: allow.join(", ") }),
      ...(this.code === "auth/required" && { "www-authenticate": "Bearer" }),
    };
  }

  toProblem(): Problem {
    const { errors } = this.facts;
    return {
      type: "about:blank",
      title: STATUS_CODES[this.status] ?? "Error",
      status: this.status,
      detail: this.message,
      code: this.code,
      ...(errors && { errors }),
    };
  }
}

/** The refusal of a body that is too large. */
export function tooLarge(maxBytes: number): Refusal {
  return new Refusal(
    "request/too-large",
    `The request is larger than the ${maxBytes / 1e6} MB that this server accepts. Send fewer inputs at once.`,
  );
}
