import type { LearningCurve } from "@engraft/core/internal";
import * as Plot from "@observablehq/plot";
import type { Html } from "../html/html.js";
import { draw } from "./draw.js";

/** Measured errors, the law through them, and where it leads beyond the examples that there are. */
export function learningCurveChart({ points, forecast, examples }: LearningCurve): Html {
  const measured = points.map((point) => ({
    examples: point.examples,
    error: point.error,
    low: Math.max(0, point.error - 2 * point.standardError),
    high: point.error + 2 * point.standardError,
  }));
  const band = forecast.map(({ interval: [low, high], ...point }) => ({ ...point, low, high }));
  const beyond = band.filter((point) => point.examples >= examples);
  const within = band.filter((point) => point.examples <= (beyond[0]?.examples ?? examples));
  const line = { x: "examples", y: "error", stroke: "var(--accent)", strokeWidth: 2 };
  return draw("Learning curve: share of wrong answers against number of training examples.", {
    height: 320,
    marginLeft: 50,
    x: { type: "log", label: "training examples", ticks: 6, tickFormat: "~s" },
    y: { percent: true, label: "wrong (%)", zero: true, nice: true, grid: true },
    marks: [
      Plot.areaY(band, {
        x: "examples",
        y1: "low",
        y2: "high",
        fill: "var(--accent)",
        fillOpacity: 0.15,
      }),
      Plot.lineY(within, line),
      Plot.lineY(beyond, { ...line, strokeDasharray: "5 4" }),
      Plot.ruleX([examples], { stroke: "var(--muted)" }),
      Plot.text([examples], {
        x: (value: number) => value,
        frameAnchor: "top",
        text: () => "now",
        dx: 6,
        textAnchor: "start",
        fill: "var(--muted)",
      }),
      Plot.ruleX(measured, { x: "examples", y1: "low", y2: "high", stroke: "var(--ink)" }),
      Plot.dot(measured, { x: "examples", y: "error", fill: "var(--ink)", r: 4 }),
    ],
  });
}
