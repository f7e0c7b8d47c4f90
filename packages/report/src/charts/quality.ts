import { shorten } from "@engraft/core/escape";
import type { SummaryMetrics } from "@engraft/tasks/predict";
import * as Plot from "@observablehq/plot";
import type { Html } from "../html/html.js";
import { draw } from "./draw.js";

/** Metrics of something that has a name. */
export interface NamedMetrics {
  readonly name: string;
  readonly metrics: SummaryMetrics;
}

const LINE_HEIGHT = 30;
const MOST_LETTERS = 22;

/**
 * Accuracies with their intervals, one line each, in the order given. The first one stands out.
 *
 * @param title - What is compared.
 */
export function accuracyChart(title: string, rows: readonly NamedMetrics[]): Html {
  const points = rows.map(({ metrics }, index) => ({
    index,
    accuracy: metrics.accuracy,
    low: metrics.intervals.accuracy[0],
    high: metrics.intervals.accuracy[1],
    colour: index === 0 ? "var(--accent)" : "var(--muted)",
  }));
  return draw(title, {
    height: LINE_HEIGHT * rows.length + 62,
    marginLeft: 160,
    marginRight: 20,
    x: { label: "accuracy", nice: true, grid: true },
    y: { type: "point", label: null, domain: points.map(({ index }) => index), padding: 0.5 },
    marks: [
      Plot.axisY({
        tickFormat: (index: number) => shorten(rows[index]!.name, MOST_LETTERS),
        tickSize: 0,
      }),
      Plot.ruleY(points, { x1: "low", x2: "high", y: "index", stroke: "colour", strokeWidth: 3 }),
      Plot.dot(points, { x: "accuracy", y: "index", fill: "colour", r: 6 }),
    ],
  });
}
