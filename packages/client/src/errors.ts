import type { Problem, ProblemCode, ProblemDetail } from "./types.js";

/** A request that the server has refused, or that no server of Engraft has answered. */
export class ClientError extends Error {
  /** What the server calls it; `response/invalid` where the answer is not one of this API. */
  readonly code: ProblemCode | "response/invalid";
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong with single inputs; empty where nothing is said about them. */
  readonly errors: readonly ProblemDetail[];
  /** Seconds after which the request may be repeated, where the server says so. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ClientError["code"],
    status: number,
    message: string,
    options: {
      errors?: readonly ProblemDetail[] | undefined;
      retryAfter?: number | undefined;
    } = {},
  ) {
    super(message);
    this.name = "ClientError";
    this.code = code;
    this.status = status;
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
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
