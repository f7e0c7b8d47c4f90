/** What goes over the wire, in the server and in its clients. The server's schemas are checked against it. */

/** The answer for one input. */
export interface WirePrediction {
  /** The most probable label. */
  readonly label: string;
  readonly probability: number;
  /** Every label's probability. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** The most probable labels, best first; where `topK` was asked for. */
  readonly ranking?: readonly WireRankedLabel[] | undefined;
  /** Whether the label is probable enough to be given; where `maxErrorRate` was asked for. */
  readonly accepted?: boolean | undefined;
  /** Labels of which one is right, the most probable first; where `confidence` was asked for. */
  readonly predictionSet?: readonly string[] | undefined;
  /** How far the input is from the training examples; where the server tells it. */
  readonly outlier?: WireOutlierScore | undefined;
  /** How long the text is; where the base model reads less than all of it. */
  readonly truncated?: WireTextLength | undefined;
  /** True where nothing measured the task: how far the probability is to be trusted is not known. */
  readonly unmeasured?: boolean | undefined;
}

/** A label and its probability. */
export interface WireRankedLabel {
  readonly label: string;
  readonly probability: number;
}

/** How long a text is, in tokens of the base model. */
export interface WireTextLength {
  /** Tokens that the base model reads. */
  readonly read: number;
  /** Tokens of the whole text; of far longer ones an estimate. */
  readonly tokens: number;
}

/** How far an input is from those that a task was trained on. */
export interface WireOutlierScore {
  /** Share of training examples that lie as far from their nearest neighbours, or farther. */
  readonly knnPValue: number;
  /** Share of training examples that lie as far from the nearest class, or farther. */
  readonly classPValue: number;
  /** Whether hardly any input of the kind that the task was trained on is so far from all of them. */
  readonly isOutlier: boolean;
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

/** Answer of `GET /health/live` and `GET /health/ready`. */
export interface HealthResponse {
  readonly status: "live" | "ready";
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
  /** The server is not open to this host name, or to pages of this origin. */
  | "request/forbidden"
  | "route/unknown"
  /** The address has other methods, which `Allow` names. */
  | "method/unknown"
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
