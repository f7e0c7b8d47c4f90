import { visible } from "@engraft/core/escape";
import type { Interval } from "@engraft/core/predict";
import type { SummaryMetrics } from "@engraft/tasks";

/** Lines up cells in columns; the first row is the heading. Returns the lines. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const table = [heading, ...rows].map((row) => row.map(visible));
  const widths = heading.map((_, column) =>
    table.reduce((width, row) => Math.max(width, (row[column] ?? "").length), 0),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** As much of a text as fits a line; white space, also line ends, is one space. */
export function shorten(text: string): string {
  const line = visible(text.slice(0, CONSIDERED).replace(/\s+/g, " "));
  if (text.length <= CONSIDERED && line.length <= LINE) return line;
  return `${line.slice(0, LINE - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

const LINE = 80;

/** Of longer texts, no more than this is looked at. */
const CONSIDERED = 4_000;

/** `45.3 MB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** `0.962 [0.949, 0.972]` */
export function formatFigure(value: number, [low, high]: Interval): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

/** The figures of several heads or baselines, one line each. */
export function formatMetrics(
  rows: readonly (readonly [name: string, figures: SummaryMetrics])[],
): string[] {
  return formatTable(
    ["", "accuracy", "balanced accuracy", "macro-F1", "log-loss"],
    rows.map(([name, { intervals, ...figures }]) => [
      name,
      formatFigure(figures.accuracy, intervals.accuracy),
      formatFigure(figures.balancedAccuracy, intervals.balancedAccuracy),
      formatFigure(figures.macroF1, intervals.macroF1),
      formatFigure(figures.logLoss, intervals.logLoss),
    ]),
  );
}
