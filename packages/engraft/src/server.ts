/** Serves tasks over HTTP. */
export type { ServerOptions, ServerOptionsInput } from "./http/options.js";
export { type RunningServer, type ServeOptions, serve } from "./http/serve.js";
