import type { Calibration } from "@engraft/core/internal";
import * as Plot from "@observablehq/plot";
import type { Html } from "../html/html.js";
import { draw } from "./draw.js";

/** How often answers are right against how probable they are said to be; dots as large as they are many. */
export function reliabilityChart({ bins }: Calibration): Html {
  const points = bins.filter(({ count }) => count > 0);
  return draw("Reliability diagram: share of right answers against stated probability.", {
    width: 420,
    height: 400,
    marginLeft: 50,
    x: { domain: [0, 1], label: "stated probability", grid: true },
    y: { domain: [0, 1], label: "share that is right", grid: true },
    r: { range: [0, 16], zero: true },
    marks: [
      Plot.link([0], {
        x1: 0,
        y1: 0,
        x2: 1,
        y2: 1,
        stroke: "var(--muted)",
        strokeDasharray: "5 4",
      }),
      Plot.lineY(points, { x: "confidence", y: "accuracy", stroke: "var(--accent)" }),
      Plot.dot(points, {
        x: "confidence",
        y: "accuracy",
        r: "count",
        fill: "var(--accent)",
        fillOpacity: 0.55,
        stroke: "var(--accent)",
      }),
    ],
  });
}
