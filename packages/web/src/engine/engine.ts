import type { ImageInput } from "@engraft/core";
import type { Engraft } from "@engraft/tasks";
import type { WebHost } from "../host/web-host.js";
import type { CheckpointRuns } from "./models/checkpoint-runs.js";
import type { OpenModels } from "./models/open-models.js";
import type { OpenTasks } from "./open-tasks.js";
import type { Opened } from "./opened.js";
import type { Receiver } from "./receive.js";

/** What the handlers of calls share. */
export interface Engine {
  readonly host: WebHost;
  readonly engraft: Engraft;
  readonly tasks: OpenTasks;
  readonly models: OpenModels;
  readonly runs: CheckpointRuns;
  /** Images of the data sets that a page has read. */
  readonly datasets: Opened<readonly ImageInput[]>;
  readonly receive: Receiver;
}
