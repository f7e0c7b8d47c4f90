import type { Serving } from "../serving/serving.js";
import type { ServerOptions } from "./options.js";

/** What the HTTP interface is made of. */
export interface AppParts {
  readonly serving: Serving;
  readonly options: ServerOptions;
  /** Learns of defects of the server. */
  readonly onDefect: (error: unknown) => void;
}
