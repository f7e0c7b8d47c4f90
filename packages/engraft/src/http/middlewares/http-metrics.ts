import type { FastifyInstance } from "fastify";
import type { MetricsRegistry } from "../../serving/metrics/metrics-registry.js";
import { SECONDS } from "../../serving/metrics/serving-metrics.js";

/** Counts requests and their durations, by route and status. */
export function countRequests(app: FastifyInstance, registry: MetricsRegistry): void {
  const requests = registry.counter(
    "engraft_http_requests_total",
    "Requests answered, by route and status.",
  );
  const durations = registry.histogram(
    "engraft_http_request_duration_seconds",
    "Time from the head of a request to the end of its answer.",
    SECONDS,
  );
  app.addHook("onResponse", async ({ routeOptions }, reply) => {
    // The route as it is declared, not as it was asked for: its values are few.
    const route = routeOptions.url ?? "unknown";
    requests.add({ route, status: String(reply.statusCode) });
    durations.observe(reply.elapsedTime / 1000, { route });
  });
}
