import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, markup } from "../html/html.js";

/** Width of a chart in its own units; the page scales it. */
export const CHART_WIDTH = 560;

/**
 * Draws a chart as inline SVG. Colours are CSS variables of the page, so that one drawing suits light
 * and dark.
 *
 * @param title - What the chart shows, in a sentence, for readers who do not see it.
 */
export function draw(title: string, options: Plot.PlotOptions): Html {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    width: CHART_WIDTH,
    // Room for the axis' name below its numbers.
    marginBottom: 42,
    ...options,
    document,
    ariaLabel: title,
    style: { fontSize: "12px", ...Object(options.style) },
  });
  svg.setAttribute("role", "img");
  return markup(svg.outerHTML);
}
