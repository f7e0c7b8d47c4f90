import type { BaseModel } from "../bases/base.js";
import type { BaseSpec } from "../bases/spec.js";
import { canonicalJson } from "../canonical-json.js";
import type { Input } from "../dataset/dataset.js";
import type { DataError } from "../errors.js";
import { allColumns, columnKey, type FeatureColumn } from "../features/columns.js";
import { createExtractor, type FeatureExtractor } from "../features/extractor.js";
import { createTable, type FeatureTable, selectFeatures } from "../features/table.js";
import { ADAPTER_FILE } from "../finetune/tuned-base.js";
import type { Matrix64 } from "../math/matrix.js";
import type { Abort, Platform } from "../platform.js";
import type { TaskManifest } from "./manifest.js";

/** What a task reads of its base. */
export type TrunkNeeds = Pick<TaskManifest, "columns" | "preprocessing">;

/** Whatever makes something of layers that were read: the head of a task, for one. */
export interface TrunkReader {
  /** What it reads of the base. */
  readonly columns: readonly FeatureColumn[];
  /**
   * @param features - Its columns for some inputs: [inputs, width].
   * @returns A row for each input.
   */
  run(inputs: readonly Input[], features: Float32Array): Promise<Matrix64>;
}

/** A reader, and the rows among some inputs that it is asked about. */
export interface AskedReader {
  readonly reader: TrunkReader;
  readonly rows: Int32Array;
}

/** What the readers on a trunk say. */
export interface TrunkAnswers {
  /** One matrix for each reader in the order asked, a row for each row asked. */
  readonly answers: readonly Matrix64[];
  /** The inputs that cannot be decoded, by position; what is said about them means nothing. */
  readonly unreadable: ReadonlyMap<number, DataError>;
}

/**
 * The frozen layers that one or many heads read, in one pass over the inputs.
 *
 * What a head answers does not depend, to the last bit, on which other heads are there. ONNX Runtime
 * may merge the operators on both sides of a layer's output as long as nothing else reads it, and
 * merged operators round differently. So every layer up to the deepest one that is needed is read,
 * whether a head wants it or not: what stands below a layer is then always the same graph. Pooling
 * a layer that nobody wants takes little time.
 */
export class Trunk {
  readonly #columns: readonly FeatureColumn[];
  /** Undefined where no head reads any layer. */
  readonly #extractor: FeatureExtractor | undefined;

  private constructor(columns: readonly FeatureColumn[], extractor: FeatureExtractor | undefined) {
    this.#columns = columns;
    this.#extractor = extractor;
  }

  /**
   * Loads the layers of a base that a task needs, or several tasks of the same {@link trunkKey}
   * with the columns of all. The base is not needed once this has returned its promise.
   */
  static open(
    base: BaseModel,
    { columns, preprocessing }: TrunkNeeds,
    platform: Platform,
  ): Promise<Trunk> {
    const read = columnsUpTo(base.spec, columns);
    if (!includesAll(read, columns)) throw new Error(`internal: ${base.spec.id} lacks a layer`);
    if (read.length === 0) return Promise.resolve(new Trunk(read, undefined));
    const asTrained = { ...base, spec: { ...base.spec, preprocessing } };
    return createExtractor(asTrained, read, platform).then(
      (extractor) => new Trunk(read, extractor),
    );
  }

  /** Whether the layers of some columns are loaded. */
  covers(columns: readonly FeatureColumn[]): boolean {
    return includesAll(this.#columns, columns);
  }

  /** Reads the inputs once, and gives each reader the rows that it is asked about. */
  async run(
    inputs: readonly Input[],
    asked: readonly AskedReader[],
    abort?: Abort,
  ): Promise<TrunkAnswers> {
    const { table, unreadable } = await this.#read(inputs, abort);
    const answers = await Promise.all(
      asked.map(({ reader, rows }) => {
        const { data } = selectFeatures(table, reader.columns, rows);
        return reader.run(
          Array.from(rows, (row) => inputs[row]!),
          data,
        );
      }),
    );
    return { answers, unreadable };
  }

  /** Frees the layers; the heads on them are released by whoever opened them. */
  async release(): Promise<void> {
    await this.#extractor?.release();
  }

  async #read(
    inputs: readonly Input[],
    abort: Abort | undefined,
  ): Promise<{ table: FeatureTable; unreadable: Map<number, DataError> }> {
    const unreadable = new Map<number, DataError>();
    const table = createTable(this.#columns, inputs.length);
    await this.#extractor?.run(
      inputs,
      {
        features: (position, vector) => table.matrix.data.set(vector, position * table.matrix.cols),
        unreadable: (position, error) => void unreadable.set(position, error),
      },
      abort,
    );
    return { table, unreadable };
  }
}

/**
 * Tasks of equal keys can share a trunk: they read the same weights and prepare inputs in the same
 * way. A task with an adapter has weights of its own. Tasks that only read words need no base, and
 * are apart so that they need not wait for one.
 */
export function trunkKey({ base, columns, files, preprocessing }: TaskManifest): string {
  if (columns.length === 0) return "words";
  return canonicalJson([base.digest, files[ADAPTER_FILE]?.sha256, preprocessing]);
}

/** Every column of the layers up to the deepest that is wanted. */
function columnsUpTo(spec: BaseSpec, wanted: readonly FeatureColumn[]): FeatureColumn[] {
  const depths = new Map(spec.taps.map(({ name }, depth) => [name, depth]));
  const depthOf = ({ tap }: FeatureColumn) => depths.get(tap) ?? -1;
  const deepest = wanted.reduce((depth, column) => Math.max(depth, depthOf(column)), -1);
  return allColumns(spec).filter((column) => depthOf(column) <= deepest);
}

function includesAll(columns: readonly FeatureColumn[], wanted: readonly FeatureColumn[]): boolean {
  const keys = new Set(columns.map(columnKey));
  return wanted.every((column) => keys.has(columnKey(column)));
}
