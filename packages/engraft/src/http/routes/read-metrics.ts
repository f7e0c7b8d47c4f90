import { MetricsRegistry } from "../../serving/metrics/metrics-registry.js";
import type { AppParts } from "../app-parts.js";
import { exposition } from "../schemas/answers.js";
import { defineRoute, type Route, textAnswer } from "./route.js";

/** `GET /metrics`: what is counted, for Prometheus. */
export function readMetrics({ serving }: AppParts): Route {
  return defineRoute({
    method: "GET",
    url: "/metrics",
    schema: {
      operationId: "readMetrics",
      summary: "Metrics for Prometheus",
      response: textAnswer(exposition),
    },
    handler: async (_request, reply) => {
      reply.type(MetricsRegistry.contentType);
      return serving.metrics.registry.expose();
    },
  });
}
