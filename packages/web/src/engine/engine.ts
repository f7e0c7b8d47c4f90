import type { Engraft } from "@engraft/tasks";
import type { WebHost } from "../host/web-host.js";
import type { OpenTasks } from "./open-tasks.js";
import type { Receiver } from "./receive.js";

/** What the handlers of calls share. */
export interface Engine {
  readonly host: WebHost;
  readonly engraft: Engraft;
  readonly tasks: OpenTasks;
  readonly receive: Receiver;
}
