/** Entry of the worker that does all the work of a page. */
import { type EventPort, eventPort } from "@engraft/core/workers/rpc";
import { holdLock } from "./engine/hold-lock.js";
import { serveEngine } from "./engine/serve-engine.js";

serveEngine(eventPort(self as unknown as EventPort), holdLock(self.name));
