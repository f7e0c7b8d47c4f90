import type { OpenBases } from "./bases/open-bases.js";
import type { Host } from "./host.js";

/** What all work of an instance shares: its host, and the base models that are open. */
export interface Workspace {
  readonly host: Host;
  readonly bases: OpenBases;
}
