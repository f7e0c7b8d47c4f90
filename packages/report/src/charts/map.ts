import * as Plot from "@observablehq/plot";
import { type Html, html } from "../html/html.js";
import { OTHER_COLOUR, SERIES } from "../html/palette.js";
import { draw } from "./draw.js";

/** An example on the map. */
export interface MapPoint {
  readonly x: number;
  readonly y: number;
  /** Which of the {@link SERIES}; undefined for the rest. */
  readonly series: number | undefined;
  readonly wrong: boolean;
  readonly title: string;
}

/** Examples as points: what lies together, the base finds alike. Wrong answers have a ring. */
export function mapChart(points: readonly MapPoint[]): Html {
  const others = points.filter(({ series }) => series === undefined);
  const wrong = points.filter((point) => point.wrong);
  const place = { x: "x", y: "y", title: "title" } as const;
  return draw("Map of the examples. Neighbours are alike for the base model.", {
    width: 720,
    height: 540,
    margin: 8,
    marginBottom: 8,
    x: { axis: null },
    y: { axis: null },
    marks: [
      Plot.dot(others, { ...place, r: 2, fill: OTHER_COLOUR, fillOpacity: 0.6 }),
      ...SERIES.map(({ colour, symbol }, index) =>
        Plot.dot(
          points.filter(({ series }) => series === index),
          { ...place, r: 3, symbol: symbol as Plot.SymbolType, fill: colour, fillOpacity: 0.8 },
        ),
      ),
      Plot.dot(wrong, { ...place, r: 5.5, stroke: "var(--ink)", strokeWidth: 1.2 }),
    ],
  });
}

/** The mark of a series, for the legend. */
export function seriesMark(index: number): Html {
  const { colour, symbol } = SERIES[index]!;
  return draw(symbol, {
    width: 14,
    height: 14,
    margin: 7,
    marginBottom: 7,
    x: { axis: null },
    y: { axis: null },
    marks: [Plot.dot([[0, 0]], { r: 4, symbol: symbol as Plot.SymbolType, fill: colour })],
  });
}

/** The ring around a wrong answer, for the legend. */
export const RING: Html = html`<i class="ring"></i>`;
