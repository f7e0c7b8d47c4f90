import { shorten } from "@engraft/core/escape";
import * as Plot from "@observablehq/plot";
import type { Html } from "../html/html.js";
import { draw } from "./draw.js";
import type { NamedMetrics } from "./quality.js";

const MOST_LETTERS = 18;

/** Accuracy of a probe on each layer alone, from the first layer to the last. */
export function layersChart(layers: readonly NamedMetrics[]): Html {
  const points = layers.map(({ metrics }, index) => ({
    index,
    accuracy: metrics.accuracy,
    low: metrics.intervals.accuracy[0],
    high: metrics.intervals.accuracy[1],
  }));
  return draw("Accuracy of a probe on each layer of the base model alone.", {
    height: 300,
    marginLeft: 50,
    marginBottom: 80,
    x: { type: "point", domain: points.map(({ index }) => index), label: null },
    y: { label: "accuracy", nice: true, grid: true },
    marks: [
      Plot.axisX({
        tickFormat: (index: number) => shorten(layers[index]!.name, MOST_LETTERS),
        tickRotate: -40,
      }),
      Plot.areaY(points, {
        x: "index",
        y1: "low",
        y2: "high",
        fill: "var(--accent)",
        fillOpacity: 0.15,
      }),
      Plot.lineY(points, { x: "index", y: "accuracy", stroke: "var(--accent)", strokeWidth: 2 }),
      Plot.dot(points, { x: "index", y: "accuracy", fill: "var(--accent)", r: 4 }),
    ],
  });
}
