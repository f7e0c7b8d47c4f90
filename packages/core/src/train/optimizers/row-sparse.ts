import { scale } from "../../math/vector.js";
import type { Optimizer, OptimizerUpdate } from "./optimizer.js";

/**
 * The gradient of a table of which a batch reads few rows, as an embedding is: every other row's
 * gradient is zero.
 */
export interface RowGradient {
  /** Rows that have a gradient, ascending, each once. */
  readonly rows: Int32Array;
  /** [rows, width] */
  readonly values: Float32Array;
}

/** Gradients of rows in the order in which they were read, any of them repeatedly. */
export interface RowReads {
  /** Negative ones count from the end, as in ONNX. */
  readonly rows: BigInt64Array | Int32Array;
  /** [rows, width] */
  readonly values: Float32Array;
}

/** Rows and width of a table. */
export type TableDims = readonly [rows: number, width: number];

/** Sums the gradients of rows that were read several times. */
export function sumRows(reads: readonly RowReads[], [rowCount, width]: TableDims): RowGradient {
  const read = reads.map(({ rows }) =>
    Int32Array.from(rows as Iterable<number | bigint>, (row) =>
      Number(row) < 0 ? Number(row) + rowCount : Number(row),
    ),
  );
  const rows = Int32Array.from(new Set(read.flatMap((part) => [...part]))).sort();
  const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
  const sums = new Float32Array(rows.length * width);
  for (const [part, { values }] of reads.entries()) {
    read[part]!.forEach((row, index) => {
      const to = placeOf.get(row)! * width;
      const from = index * width;
      for (let k = 0; k < width; k++) sums[to + k] = sums[to + k]! + values[from + k]!;
    });
  }
  return { rows, values: sums };
}

/** The same gradient in the shape of its table. */
export function denseRows({ rows, values }: RowGradient, [count, width]: TableDims): Float32Array {
  const dense = new Float32Array(count * width);
  rows.forEach((row, place) => {
    dense.set(values.subarray(place * width, (place + 1) * width), row * width);
  });
  return dense;
}

/** The rows of a table whose gradient is not zero. */
export function rowsWithGradient(dense: Float32Array, [count, width]: TableDims): RowGradient {
  const rowAt = (row: number): Float32Array => dense.subarray(row * width, (row + 1) * width);
  const rows = Int32Array.from(
    Array.from({ length: count }, (_, row) => row).filter((row) =>
      rowAt(row).some((value) => value !== 0),
    ),
  );
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, place) => {
    values.set(rowAt(row), place * width);
  });
  return { rows, values };
}

/** An update of a table; as {@link OptimizerUpdate}, with the gradient of some rows. */
export type RowUpdate = Omit<OptimizerUpdate, "gradient" | "range"> & {
  readonly gradient: RowGradient;
};

/**
 * Updates a table by the rows that have a gradient, with the very result of a dense update whose
 * other rows are zero, at a cost that follows the rows read since the start of the run.
 *
 * A row at rest, one without a gradient now and with slots of zeros, is only shrunk by its weight
 * decay: one multiplication for each number, so that nothing is left to make up for when the table is
 * read. Where the decay is part of the gradient no row is at rest, and all are updated.
 */
export class RowUpdater {
  readonly #optimizer: Optimizer;
  readonly #width: number;
  /** 1 for rows whose slots are not zero. */
  readonly #moving: Uint8Array;
  readonly #zeros: Float32Array;

  /**
   * @param slots - Those of the table. Rows in which they are not zero have moved before, so that a
   * run resumed from its slots goes on exactly.
   */
  constructor(optimizer: Optimizer, [rows, width]: TableDims, slots: readonly Float32Array[]) {
    this.#optimizer = optimizer;
    this.#width = width;
    this.#moving = new Uint8Array(rows);
    this.#zeros = new Float32Array(width);
    for (const slot of slots) {
      for (let i = 0; i < slot.length; i++) {
        if (slot[i] !== 0) this.#moving[Math.floor(i / width)] = 1;
      }
    }
  }

  update({ gradient: { rows, values }, ...update }: RowUpdate): void {
    const { weight, slots, learningRate, weightDecay } = update;
    const decay = 1 - learningRate * weightDecay;
    const rests = weightDecay === 0 || this.#optimizer.decoupledDecay;
    let place = 0;
    // Start of the rows at rest before the current row, which are shrunk together.
    let resting = 0;
    const shrinkRest = (end: number): void => {
      if (decay !== 1) scale(weight.subarray(resting, end), decay);
    };
    for (let row = 0; row < this.#moving.length; row++) {
      const isRead = rows[place] === row;
      if (!isRead && rests && this.#moving[row] === 0) continue;
      const start = row * this.#width;
      const end = start + this.#width;
      shrinkRest(start);
      resting = end;
      const gradient = isRead ? values : this.#zeros;
      const range = { start, end, gradientStart: isRead ? place * this.#width : 0 };
      this.#optimizer.update({ ...update, gradient, range });
      if (isRead) {
        if (slots.length > 0) this.#moving[row] = 1;
        place++;
      }
    }
    shrinkRest(weight.length);
  }
}
