import type { AppParts } from "../app-parts.js";
import { Refusal } from "../problems.js";
import { describe } from "./describe.js";
import { isLive, isReady } from "./health.js";
import { listTasks } from "./list-tasks.js";
import { predictAll } from "./predict-all.js";
import { predictTask } from "./predict-task.js";
import { readMetrics } from "./read-metrics.js";
import type { App, Route } from "./route.js";

/** Every address of the server. */
const ROUTES: readonly ((parts: AppParts) => Route)[] = [
  predictTask,
  predictAll,
  listTasks,
  describe,
  readMetrics,
  isLive,
  isReady,
];

/** Adds every address of the server. */
export function addRoutes(app: App, parts: AppParts): void {
  for (const make of ROUTES) {
    const route = make(parts);
    route.addTo(app);
    refuseOtherMethods(app, route);
  }
}

/** Refuses every method that an address does not have, before the body is read. */
function refuseOtherMethods(app: App, { url, method }: Route): void {
  const allow: readonly string[] = method === "GET" ? ["GET", "HEAD"] : [method];
  const refuse = async (): Promise<never> => {
    const detail = `This address has no such method; it has ${allow.join(", ")}.`;
    throw new Refusal("method/unknown", detail, { allow });
  };
  const others = app.supportedMethods.filter((name) => !allow.includes(name));
  app.route({ url, method: others, schema: { hide: true }, onRequest: refuse, handler: refuse });
}
