import type { ImageInput } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { type Call, type Handlers, type Port, serve } from "@engraft/core/workers/rpc";
import { Engraft } from "@engraft/tasks/predict";
import { servedOrt } from "../host/runtime/served-ort.js";
import { createWebHost } from "../host/web-host.js";
import { WEB_ERRORS } from "../protocol/errors.js";
import type { EngineEvent } from "../protocol/facts.js";
import { ENGINE, type EngineMethods } from "../protocol/methods.js";
import { dataHandlers } from "./data-handlers.js";
import type { Engine } from "./engine.js";
import { instanceHandlers } from "./instance-handlers.js";
import { CheckpointRuns } from "./models/checkpoint-runs.js";
import { modelHandlers } from "./models/model-handlers.js";
import { OpenModels } from "./models/open-models.js";
import { Notices } from "./notices.js";
import { OpenTasks } from "./open-tasks.js";
import { Opened } from "./opened.js";
import { Receiver } from "./receive.js";
import { taskHandlers } from "./task-handlers.js";
import { thinned } from "./watch.js";

/**
 * Makes this worker an engine: all that Engraft does for a page is done here.
 *
 * @param ready - What the page is to wait for before it watches this worker.
 */
export function serveEngine(port: Port, ready: Promise<void>): void {
  let engine: Engine | undefined;
  const notices = new Notices();
  const opened = (): Engine => {
    if (engine === undefined) throw new UsageError("The engine was not opened.");
    return engine;
  };
  const handlers: Handlers<EngineMethods> = {
    async open(options) {
      engine = openEngine(options, (message) => notices.tell(message));
      await ready;
      return undefined;
    },
    ...instanceHandlers(opened),
    ...dataHandlers(opened),
    ...taskHandlers(opened),
    ...modelHandlers(opened),
  };
  serve(port, ENGINE, watchedHandlers(handlers, notices, opened), WEB_ERRORS);
}

function openEngine(
  options: EngineMethods["open"]["params"],
  onWarning: (message: string) => void,
): Engine {
  const host = createWebHost({ ...options, onWarning }, servedOrt(options.ort));
  const datasets = new Opened<readonly ImageInput[]>("The data set was released.");
  return {
    host,
    engraft: new Engraft(host),
    // The names of places of tasks end with a slash, and those of data do not.
    tasks: new OpenTasks((place) =>
      place.endsWith("/") ? host.places.remove(place) : host.given.forget(place),
    ),
    models: new OpenModels(),
    runs: new CheckpointRuns(),
    datasets,
    receive: new Receiver(host, datasets),
  };
}

/** The same handlers; their callers are told of downloads and of what concerns the worker, too. */
function watchedHandlers(
  handlers: Handlers<EngineMethods>,
  notices: Notices,
  opened: () => Engine,
): Handlers<EngineMethods> {
  const watch = <P, R>(handle: (params: P, call: Call<EngineEvent>) => Promise<R>) => {
    return async (params: P, call: Call<EngineEvent>): Promise<R> => {
      const onDownload = thinned((progress) => call.notify({ kind: "progress", progress }));
      const stop = opened().host.downloads.listen(onDownload);
      try {
        return await notices.during(call, () => handle(params, call));
      } finally {
        stop();
      }
    };
  };
  const { open, ...rest } = handlers;
  const watchedOnes = Object.entries(rest).map(([name, handle]) => [name, watch(handle as never)]);
  return { open, ...(Object.fromEntries(watchedOnes) as typeof rest) };
}
