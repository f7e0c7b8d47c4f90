import type { RunBatch } from "@engraft/core/predict";
import {
  columnKey,
  createTable,
  type FeatureTable,
  joinTables,
  selectFeatures,
} from "@engraft/core/predict";
import type { BackboneConsumer } from "./backbone-consumer.js";

/** What one reader reads in one pass of a backbone. */
export class Reading {
  readonly reader: BackboneConsumer;
  /** The rows among the inputs that it is asked about. */
  readonly rows: Int32Array;
  /** Of its tuned layers, with a place for every input. */
  readonly #own: FeatureTable;
  readonly #isAsked: ReadonlySet<number>;

  constructor(reader: BackboneConsumer, rows: Int32Array, inputs: number) {
    this.reader = reader;
    this.rows = rows;
    this.#own = createTable(reader.tuned?.columns ?? [], inputs);
    this.#isAsked = new Set(rows);
  }

  /** Runs the tuned layers of the reader on what it is asked about in a batch. */
  async take(batch: RunBatch): Promise<void> {
    const { tuned } = this.reader;
    if (tuned === undefined) return;
    const rows = [...batch.positions.keys()].filter((row) =>
      this.#isAsked.has(batch.positions[row]!),
    );
    if (rows.length === 0) return;
    const features = await tuned.run(batch, rows);
    const { cols, data } = this.#own.matrix;
    for (const [index, row] of rows.entries()) {
      const vector = features.subarray(index * cols, (index + 1) * cols);
      data.set(vector, batch.positions[row]! * cols);
    }
  }

  /** @param shared - What the backbone has read of all inputs. */
  features(shared: FeatureTable): Float32Array {
    const { reader, rows } = this;
    if (reader.tuned === undefined) return selectFeatures(shared, reader.columns, rows).data;
    const own = this.#own.columns;
    const isOwn = new Set(own.map(columnKey));
    const below = reader.columns.filter((column) => !isOwn.has(columnKey(column)));
    const joined = joinTables(
      { columns: below, matrix: selectFeatures(shared, below, rows) },
      { columns: own, matrix: selectFeatures(this.#own, own, rows) },
    );
    return selectFeatures(joined, reader.columns, Int32Array.from(rows.keys())).data;
  }
}
