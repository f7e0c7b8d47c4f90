/** What goes over the wire, in the server and in its clients. */

/** The answer for one input. */
export interface WirePrediction {
  /** The most probable label. */
  readonly label: string;
  readonly probability: number;
  /** Every label's probability. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A task that is served. */
export interface ServedTaskInfo {
  /** Its name in addresses. */
  readonly name: string;
  readonly modality: "text" | "image";
  readonly labels: readonly string[];
  /** Id of the base model. */
  readonly base: string;
  /** When it was trained, as ISO 8601. */
  readonly createdAt: string;
}

/** Answer of `GET /v1/tasks`. */
export interface TasksResponse {
  readonly tasks: readonly ServedTaskInfo[];
}

/** What one task says about the inputs of a request. */
export interface TaskPredictions {
  readonly task: string;
  /** One for each input, in order. */
  readonly predictions: readonly WirePrediction[];
}

/** Answer of `POST /v1/predict`. */
export interface PredictAllResponse {
  /** In the order of the tasks on the server. */
  readonly tasks: readonly TaskPredictions[];
}

/** Why a request was refused. Codes are stable; details are for people. */
export type ProblemCode =
  /** Not what the address expects. */
  | "request/invalid"
  /** The body is not JSON. */
  | "request/json"
  /** The body is not UTF-8. */
  | "request/encoding"
  /** No bearer token, or a wrong one. */
  | "auth/required"
  | "route/unknown"
  | "task/unknown"
  /** The request did not arrive in time. */
  | "request/slow"
  /** Too many bytes or inputs. */
  | "request/too-large"
  /** The body is of a kind that the address or the task does not take. */
  | "request/media-type"
  /** An input cannot be decoded or is too large. */
  | "input/unreadable"
  /** Too many inputs wait; try again after the seconds in `Retry-After`. */
  | "queue/full"
  | "internal"
  /** The answer was not ready in time. */
  | "request/timeout"
  | "server/stopping";

/** What is wrong with one input or field. */
export interface ProblemDetail {
  /** `inputs.3` */
  readonly where: string;
  readonly what: string;
}

/** A problem document (RFC 9457, `application/problem+json`). */
export interface Problem {
  readonly type: string;
  /** The name of the HTTP status. */
  readonly title: string;
  readonly status: number;
  /** What happened, and what was expected. */
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors?: readonly ProblemDetail[] | undefined;
}
