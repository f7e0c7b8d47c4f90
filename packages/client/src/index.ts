/**
 * Client of an Engraft server, for browsers, Node and Deno.
 *
 * @module @engraft/client
 */
export {
  type Client,
  type ClientInputs,
  type ClientOptions,
  createClient,
  type PredictRequestOptions,
  type RequestOptions,
} from "./client.js";
export { ClientError, type ClientErrorCode, type ClientErrorFacts } from "./errors.js";
export type {
  HealthResponse,
  PredictAllResponse,
  Problem,
  ProblemCode,
  ProblemDetail,
  ServedTaskInfo,
  TaskPredictions,
  TasksResponse,
  WireOutlierScore,
  WirePrediction,
  WireRankedLabel,
  WireTextLength,
} from "./types.js";
