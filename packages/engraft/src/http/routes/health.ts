import { health } from "../schemas/answers.js";
import { defineRoute, jsonAnswer, type Route } from "./route.js";

/** `GET /health/live`: whether the process answers. */
export function isLive(): Route {
  return healthRoute("/health/live", "isLive", "Whether the process answers", "live");
}

/**
 * `GET /health/ready`: whether the tasks are loaded. They are before the server listens, and a server
 * that stops answers 503 to everything.
 */
export function isReady(): Route {
  return healthRoute("/health/ready", "isReady", "Whether the tasks are loaded", "ready");
}

function healthRoute(
  url: string,
  operationId: string,
  summary: string,
  status: "live" | "ready",
): Route {
  return defineRoute({
    method: "GET",
    url,
    // Never needs a token.
    schema: { operationId, summary, security: [], response: jsonAnswer(health) },
    handler: async () => ({ status }),
  });
}
