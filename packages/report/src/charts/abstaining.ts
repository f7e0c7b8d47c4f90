import type { Abstaining } from "@engraft/core/internal";
import * as Plot from "@observablehq/plot";
import type { Html } from "../html/html.js";
import { draw } from "./draw.js";

/** Points of the curve that are drawn: more make the file larger and no difference to see. */
const MOST_POINTS = 200;
/** Before so many answers the share of wrong ones jumps with each. */
const FEWEST_ANSWERS = 10;

/** Share of wrong answers against share of answered inputs. */
export function abstainingChart(curve: readonly Abstaining[]): Html {
  const step = Math.ceil(curve.length / MOST_POINTS);
  const points = curve.filter(
    ({ answered }, index) =>
      answered >= FEWEST_ANSWERS && (index % step === 0 || index === curve.length - 1),
  );
  const percents = { percent: true, grid: true };
  return draw("Share of wrong answers against the share of inputs that are answered.", {
    height: 300,
    marginLeft: 50,
    x: { ...percents, domain: [0, 100], label: "answered (%)" },
    y: { ...percents, label: "wrong among the answered (%)", zero: true, nice: true },
    marks: [
      Plot.areaY(points, {
        x: "coverage",
        y: "error",
        fill: "var(--wrong)",
        fillOpacity: 0.15,
      }),
      Plot.lineY(points, { x: "coverage", y: "error", stroke: "var(--wrong)", strokeWidth: 2 }),
      Plot.ruleY([0], { stroke: "var(--line)" }),
    ],
  });
}
