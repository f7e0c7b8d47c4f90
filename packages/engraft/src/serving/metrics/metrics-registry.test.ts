import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { MetricsRegistry } from "./metrics-registry.js";

it("counters add up by their labels", () => {
  const metrics = new MetricsRegistry();
  const requests = metrics.counter("requests_total", "Requests.");
  requests.add({ route: "/a", status: "200" });
  requests.add({ route: "/a", status: "200" }, 2);
  requests.add({ route: 'odd "\\\n', status: "404" });
  expect(metrics.expose()).toBe(
    [
      "# HELP requests_total Requests.",
      "# TYPE requests_total counter",
      'requests_total{route="/a",status="200"} 3',
      'requests_total{route="odd \\"\\\\\\n",status="404"} 1',
      "",
    ].join("\n"),
  );
});

it("gauges are read when they are asked for", () => {
  const metrics = new MetricsRegistry();
  let value = 1;
  metrics.gauge("waiting", "Things that wait.", () => value);
  value = 7;
  expect(metrics.expose()).toContain("# TYPE waiting gauge\nwaiting 7\n");
});

it("histograms count what is at most each bound", () => {
  const metrics = new MetricsRegistry();
  const seconds = metrics.histogram("seconds", "Time.", [0.1, 1]);
  for (const value of [0.1, 0.5, 3]) seconds.observe(value, { route: "/" });
  expect(metrics.expose().split("\n").slice(2)).toEqual([
    'seconds_bucket{route="/",le="0.1"} 1',
    'seconds_bucket{route="/",le="1"} 2',
    'seconds_bucket{route="/",le="+Inf"} 3',
    'seconds_sum{route="/"} 3.6',
    'seconds_count{route="/"} 3',
    "",
  ]);
});

test.prop([fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }))])(
  "buckets never shrink, and the last one has all",
  (values) => {
    const metrics = new MetricsRegistry();
    const histogram = metrics.histogram("x", "X.", [-1, 0, 2]);
    for (const value of values) histogram.observe(value);
    const lines = metrics.expose().split("\n");
    const counts = lines
      .filter((line) => line.startsWith("x_bucket"))
      .map((line) => Number(line.split(" ")[1]));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    if (values.length > 0) expect(counts.at(-1)).toBe(values.length);
  },
);
