import { visible } from "./visible.js";

/** How a table is laid out. */
export interface TableLayout {
  /** Columns of numbers, which stand at the right. */
  readonly numbers?: readonly number[];
  /** Widest column that shorter cells are filled up to. Default: no limit. */
  readonly widest?: number;
}

/** Lines up cells in columns, hidden characters as escapes; the first row is the heading. */
export function textTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers = [], widest = Number.POSITIVE_INFINITY }: TableLayout = {},
): string[] {
  const table = [heading, ...rows].map((row) => row.map(visible));
  const widths = heading.map((_, column) =>
    table.reduce((width, row) => Math.max(width, Math.min((row[column] ?? "").length, widest)), 0),
  );
  const fill = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return numbers.includes(column) ? cell.padStart(width) : cell.padEnd(width);
  };
  return table.map((row) => row.map(fill).join("  ").trimEnd());
}
