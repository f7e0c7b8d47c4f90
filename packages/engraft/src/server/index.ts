/** Serves tasks over HTTP. */
export type { ServerOptions, ServerOptionsInput } from "./options.js";
export { type RunningServer, type ServeOptions, serve } from "./serve.js";
