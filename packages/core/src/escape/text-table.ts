import { visible } from "./visible.js";

/** Lines up cells in columns, hidden characters as escapes; the first row is the heading. */
export function textTable(
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
