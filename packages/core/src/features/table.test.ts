import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { FeatureColumn } from "./columns.js";
import { createTable, selectFeatures } from "./table.js";

const columns: FeatureColumn[] = [
  { tap: "a", pooling: "mean", width: 2 },
  { tap: "a", pooling: "max", width: 2 },
  { tap: "b", pooling: "none", width: 3 },
];

/** Cell = 100 · row + column, so that every value says where it came from. */
function numberedTable(rows: number) {
  const table = createTable(columns, rows);
  const { cols, data } = table.matrix;
  data.forEach((_, at) => {
    data[at] = 100 * Math.floor(at / cols) + (at % cols);
  });
  return table;
}

const starts = [0, 2, 4];

test.prop([
  fc.shuffledSubarray([0, 1, 2]),
  fc.array(fc.nat(6), { maxLength: 10 }).map((rows) => Int32Array.from(rows)),
])("selectFeatures copies the wanted columns of the wanted rows, in that order", (wanted, rows) => {
  const chosen = wanted.map((index) => columns[index]!);
  const result = selectFeatures(numberedTable(7), chosen, rows);
  const cells = wanted.flatMap((index) =>
    Array.from({ length: columns[index]!.width }, (_, offset) => starts[index]! + offset),
  );
  expect(result.rows).toBe(rows.length);
  expect(result.cols).toBe(cells.length);
  expect([...result.data]).toEqual([...rows].flatMap((row) => cells.map((c) => 100 * row + c)));
});
