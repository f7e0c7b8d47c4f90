import { type Matrix32, rowOf } from "../math/matrix.js";
import { columnKey, type FeatureColumn, totalWidth } from "./columns.js";

/** The features of a data set: one row per example, the columns side by side. */
export interface FeatureTable {
  readonly columns: readonly FeatureColumn[];
  /** [rows, total width of the columns] */
  readonly matrix: Matrix32;
}

export function createTable(columns: readonly FeatureColumn[], rows: number): FeatureTable {
  const cols = totalWidth(columns);
  return { columns, matrix: { rows, cols, data: new Float32Array(rows * cols) } };
}

/**
 * Copies some rows of some columns into a matrix of their own.
 *
 * @param columns - Must be columns of the table; they stand in the result in the given order.
 * @param rows - Row numbers of the table, in the order of the result.
 */
export function selectFeatures(
  table: FeatureTable,
  columns: readonly FeatureColumn[],
  rows: Int32Array,
): Matrix32 {
  const ranges = mergeAdjacent(columnRanges(table.columns, columns));
  const cols = totalWidth(columns);
  const source = table.matrix;
  if (cols === source.cols && ranges.length === 1 && rows.every((row, index) => row === index)) {
    // All of it, in order: one copy.
    return { rows: rows.length, cols, data: source.data.slice(0, rows.length * cols) };
  }
  const data = new Float32Array(rows.length * cols);
  let target = 0;
  for (const row of rows) {
    for (const { start, width } of ranges) {
      const from = row * source.cols + start;
      data.set(source.data.subarray(from, from + width), target);
      target += width;
    }
  }
  return { rows: rows.length, cols, data };
}

/** Some features that follow each other. */
export interface ColumnRange {
  readonly start: number;
  readonly width: number;
}

/** The same ranges, with those that follow each other as one. */
export function mergeAdjacent(ranges: readonly ColumnRange[]): ColumnRange[] {
  const merged: { start: number; width: number }[] = [];
  for (const { start, width } of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && last.start + last.width === start) last.width += width;
    else merged.push({ start, width });
  }
  return merged;
}

/** Two tables of the same rows as one. */
export function joinTables(left: FeatureTable, right: FeatureTable): FeatureTable {
  const joined = createTable([...left.columns, ...right.columns], left.matrix.rows);
  const { cols, data } = joined.matrix;
  for (let row = 0; row < left.matrix.rows; row++) {
    data.set(rowOf(left.matrix, row), row * cols);
    data.set(rowOf(right.matrix, row), row * cols + left.matrix.cols);
  }
  return joined;
}

/** Where each wanted column starts among the given ones. */
export function columnRanges(
  columns: readonly FeatureColumn[],
  wanted: readonly FeatureColumn[],
): ColumnRange[] {
  const starts = new Map<string, number>();
  let start = 0;
  for (const column of columns) {
    starts.set(columnKey(column), start);
    start += column.width;
  }
  return wanted.map((column) => {
    const found = starts.get(columnKey(column));
    if (found === undefined) throw new Error(`internal: no feature column ${columnKey(column)}`);
    return { start: found, width: column.width };
  });
}
