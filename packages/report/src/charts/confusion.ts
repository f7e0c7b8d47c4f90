import { shorten } from "@engraft/core/escape";
import * as Plot from "@observablehq/plot";
import type { Html } from "../html/html.js";
import { count, percent } from "../numbers.js";
import { draw } from "./draw.js";

/** Up to this many labels there is room for the counts. */
const MOST_NUMBERED = 12;
/** Above this share of its row a cell is so dark that its number must be light. */
const DARK = 0.55;

/**
 * A confusion matrix as a heat map: a line for each right label, a column for each predicted one. The
 * darker a cell, the larger its share of the line; mistakes have another colour than right answers.
 *
 * @param confusion - Square, in the order of `labels`.
 */
export function confusionChart(
  labels: readonly string[],
  confusion: readonly (readonly number[])[],
): Html {
  const numbered = labels.length <= MOST_NUMBERED;
  const size = numbered ? Math.max(36, 300 / labels.length) : Math.max(11, 640 / labels.length);
  const letters = numbered ? 18 : 26;
  const margin = 30 + (numbered ? 7 : 5.5) * longest(labels, letters);
  const cells = cellsOf(labels, confusion);
  const domain = [...labels.keys()];
  const name = (index: number) => shorten(labels[index]!, letters);
  const axis = { tickSize: 0, tickFormat: name, fontSize: numbered ? 12 : 9 };
  return draw("Confusion matrix: lines are the right labels, columns the predicted ones.", {
    width: margin + 20 + size * labels.length,
    height: margin + 30 + size * labels.length,
    marginLeft: margin,
    marginBottom: margin,
    marginTop: 30,
    marginRight: 20,
    padding: numbered ? 0.04 : 0.02,
    x: { domain, label: "predicted" },
    y: { domain, label: "right" },
    marks: [
      Plot.axisY(axis),
      Plot.axisX({ ...axis, tickRotate: -90 }),
      Plot.frame({ stroke: "var(--line)" }),
      Plot.cell(cells, {
        x: "predicted",
        y: "right",
        fill: "colour",
        fillOpacity: { value: "opacity", scale: null },
        title: "title",
      }),
      numbered
        ? Plot.text(cells, {
            x: "predicted",
            y: "right",
            text: "number",
            fill: "ink",
          })
        : null,
    ],
  });
}

function cellsOf(labels: readonly string[], confusion: readonly (readonly number[])[]) {
  return confusion.flatMap((line, right) => {
    const total = line.reduce((sum, value) => sum + value, 0);
    return line.flatMap((value, predicted) => {
      if (value === 0) return [];
      const share = value / total;
      return {
        right,
        predicted,
        number: count(value),
        opacity: 0.12 + 0.88 * share,
        colour: right === predicted ? "var(--accent)" : "var(--wrong)",
        ink: share > DARK ? "var(--page)" : "var(--ink)",
        title: `${labels[right]} → ${labels[predicted]}: ${count(value)} (${percent(share, 0)})`,
      };
    });
  });
}

function longest(labels: readonly string[], limit: number): number {
  return labels.reduce((length, label) => Math.max(length, Math.min(limit, label.length)), 0);
}
