/**
 * Serves tasks over HTTP.
 *
 * @module engraft/server
 */
export * from "@engraft/core/errors";
export type { HttpOptions, ServerOptions, ServerOptionsInput } from "./http/options.js";
export { type RunningServer, type ServeOptions, serve } from "./http/serve.js";
export type { ServingOptions, ServingOptionsInput } from "./serving/options.js";
