import type { Problem, ProblemCode, ProblemDetail } from "./types.js";

/**
 * Why a request failed: the code of the server's problem document, or `response/invalid` where the answer
 * is not one of an Engraft server. Codes are stable.
 */
export type ClientErrorCode = ProblemCode | "response/invalid";

/** Facts of a {@link ClientError} beside its code, status and message. */
export interface ClientErrorFacts {
  readonly errors?: readonly ProblemDetail[] | undefined;
  readonly retryAfter?: number | undefined;
}

/** A request that the server has refused, or that no server of Engraft has answered. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong with single inputs; empty where nothing is said about them. */
  readonly errors: readonly ProblemDetail[];
  /** Seconds after which the request may be repeated, where the server says so. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ClientErrorCode,
    status: number,
    message: string,
    facts: ClientErrorFacts = {},
  ) {
    super(message);
    this.name = "ClientError";
    this.code = code;
    this.status = status;
    this.errors = facts.errors ?? [];
    this.retryAfter = facts.retryAfter;
  }
}

/** The error that a response stands for. */
export async function toError(response: Response): Promise<ClientError> {
  const problem = await readProblem(response);
  if (problem === undefined) {
    return new ClientError(
      "response/invalid",
      response.status,
      `${response.url} answered ${response.status} without a problem document. Is it an Engraft server?`,
    );
  }
  const retryAfter = response.headers.get("retry-after");
  return new ClientError(problem.code, problem.status, problem.detail, {
    errors: problem.errors,
    retryAfter: retryAfter === null ? undefined : Number(retryAfter),
  });
}

async function readProblem(response: Response): Promise<Problem | undefined> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) return undefined;
  try {
    return (await response.json()) as Problem;
  } catch {
    return undefined;
  }
}
