import { addScaled } from "../../math/vector.js";
import type { Feeds } from "../../runtime/feeds.js";
import {
  denseRows,
  type RowGradient,
  rowsWithGradient,
  sumRows,
} from "../optimizers/row-sparse.js";
import type { CompiledStep } from "./compile-step.js";
import { scaleGradients } from "./gradients.js";

/** Sums the gradients of the batches that make one update together. */
export class GradientSums {
  /** By weight, in its shape. */
  readonly dense: Map<string, Float32Array> = new Map();
  /** By table of which the batches read some rows. */
  readonly rows: Map<string, RowGradient> = new Map();
  readonly #step: Pick<CompiledStep, "gradients" | "rowGradients">;

  constructor(step: Pick<CompiledStep, "gradients" | "rowGradients">) {
    this.#step = step;
  }

  /** Sums from gradients in the shapes of their weights. The arrays are taken over. */
  static of(
    step: Pick<CompiledStep, "gradients" | "rowGradients">,
    gradients: ReadonlyMap<string, Float32Array>,
  ): GradientSums {
    const sums = new GradientSums(step);
    for (const name of step.gradients.keys()) sums.dense.set(name, gradients.get(name)!);
    for (const [table, { dims }] of step.rowGradients) {
      sums.rows.set(table, rowsWithGradient(gradients.get(table)!, dims));
    }
    return sums;
  }

  /** `sums ← sums + factor · gradients` of a run of the step. Its outputs are taken over. */
  add(outputs: Feeds, factor: number): void {
    const take = (name: string): Float32Array => {
      const gradient = outputs.get(name)!.data as Float32Array;
      if (factor !== 1) scaleGradients([gradient], factor);
      return gradient;
    };
    for (const [weight, name] of this.#step.gradients) {
      const sum = this.dense.get(weight);
      if (sum === undefined) this.dense.set(weight, take(name));
      else addScaled(sum, factor, outputs.get(name)!.data as Float32Array);
    }
    for (const [table, { dims, reads }] of this.#step.rowGradients) {
      const found = reads.map(({ rows, gradient }) => ({
        rows: outputs.get(rows)!.data as BigInt64Array | Int32Array,
        values: take(gradient),
      }));
      const sum = this.rows.get(table);
      this.rows.set(table, sumRows(sum === undefined ? found : [sum, ...found], dims));
    }
  }

  /** Multiplies everything. */
  scale(factor: number): void {
    scaleGradients(this.arrays(), factor);
  }

  /** Every gradient that is not zero anyway, to be changed in place. */
  arrays(): Float32Array[] {
    return [...this.dense.values(), ...Array.from(this.rows.values(), ({ values }) => values)];
  }

  /** All of them in the shapes of their weights. */
  toDense(): Map<string, Float32Array> {
    const tables = Array.from(this.rows, ([table, gradient]) => {
      const { dims } = this.#step.rowGradients.get(table)!;
      return [table, denseRows(gradient, dims)] as const;
    });
    return new Map([...this.dense, ...tables]);
  }
}
