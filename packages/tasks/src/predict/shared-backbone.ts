import type { DataError } from "@engraft/core/errors";
import type {
  BaseModel,
  BaseSpec,
  Input,
  Matrix64,
  Platform,
  Tap,
  TextLength,
} from "@engraft/core/predict";
import {
  ADAPTER_FILE,
  allColumns,
  batchesInFlight,
  canonicalJson,
  columnKey,
  createExtractor,
  createTable,
  type FeatureColumn,
  type FeatureExtractor,
  type FeatureTable,
  forEachConcurrent,
  TEXT_LENGTH,
  textLengthsOf,
  withPreprocessing,
} from "@engraft/core/predict";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { BackboneConsumer } from "./backbone-consumer.js";
import { Reading } from "./reading.js";

/** What a task reads of its base. */
export interface BackboneNeeds extends Pick<TaskManifest, "columns" | "preprocessing"> {
  /** Taps from which tuned layers start. Default: none. */
  readonly cuts?: readonly Tap[] | undefined;
}

/** A reader, and the rows among some inputs that it is asked about. */
export interface AskedReader {
  readonly reader: BackboneConsumer;
  readonly rows: Int32Array;
}

/** What the readers on a backbone say. */
export interface BackbonePredictions {
  /** One matrix for each reader in the order asked, a row for each row asked. */
  readonly answers: readonly Matrix64[];
  /** The inputs that cannot be decoded, by position; what is said about them means nothing. */
  readonly unreadable: ReadonlyMap<number, DataError>;
  /** How long each text is; undefined for images, and where no layer is read. */
  readonly lengths: readonly TextLength[] | undefined;
}

/**
 * The frozen layers that one or many heads read, in one pass over the inputs.
 *
 * What a head answers does not depend, to the last bit, on which other heads are there. ONNX Runtime
 * may merge the operators on both sides of a layer's output as long as nothing else reads it, and
 * merged operators round differently. So every layer up to the deepest one that is needed is read,
 * whether a head wants it or not: what stands below a layer is then always the same graph. Pooling
 * a layer that nobody wants takes little time.
 *
 * The layers of a fine-tuned base that are no longer the frozen ones are those of its reader: they
 * start from a tap of the backbone, and run on the rows that the reader is asked about.
 */
export class SharedBackbone {
  readonly #columns: readonly FeatureColumn[];
  readonly #cuts: readonly Tap[];
  /** Undefined where no head reads any layer. */
  readonly #extractor: FeatureExtractor | undefined;
  /** Heads that run at the same time. */
  readonly #inFlight: number;

  private constructor(
    columns: readonly FeatureColumn[],
    cuts: readonly Tap[],
    extractor: FeatureExtractor | undefined,
    platform: Platform,
  ) {
    this.#inFlight = batchesInFlight(platform);
    this.#columns = columns;
    this.#cuts = cuts;
    this.#extractor = extractor;
  }

  /**
   * Loads the layers of a base that a task needs, or several tasks of the same `backboneKey`
   * with the needs of all. The base is not needed once this has returned its promise.
   */
  static open(
    base: BaseModel,
    { columns, preprocessing, cuts = [] }: BackboneNeeds,
    platform: Platform,
  ): Promise<SharedBackbone> {
    const deepest = [...columns, ...cuts].map((each) => ("tap" in each ? each.tap : each.name));
    const read = columnsUpTo(base.spec, deepest);
    const whole = base.spec.taps.filter(({ name }) => cuts.some((tap) => tap.name === name));
    if (!includesAll(read, columns)) throw new Error(`internal: ${base.spec.id} lacks a layer`);
    if (read.length === 0)
      return Promise.resolve(new SharedBackbone(read, whole, undefined, platform));
    const asTrained = withPreprocessing(base, preprocessing);
    return createExtractor(asTrained, read, platform, { whole, lowLatency: true }).then(
      (extractor) => new SharedBackbone(read, whole, extractor, platform),
    );
  }

  /** Whether what a task reads is loaded. */
  covers({ columns, cuts = [] }: Omit<BackboneNeeds, "preprocessing">): boolean {
    const given = new Set(this.#cuts.map(({ name }) => name));
    return includesAll(this.#columns, columns) && cuts.every(({ name }) => given.has(name));
  }

  /** Reads the inputs once, and gives each reader the rows that it is asked about. */
  async run(
    inputs: readonly Input[],
    asked: readonly AskedReader[],
    signal?: AbortSignal,
  ): Promise<BackbonePredictions> {
    const readings = asked.map(({ reader, rows }) => new Reading(reader, rows, inputs.length));
    const { table, unreadable } = await this.#read(inputs, readings, signal);
    const answers: Matrix64[] = [];
    const answer = async (index: number): Promise<void> => {
      const reading = readings[index]!;
      const rows = Array.from(reading.rows, (row) => inputs[row]!);
      answers[index] = await reading.reader.run(rows, reading.features(table));
    };
    // Not all at once: each holds a copy of what it reads.
    await forEachConcurrent([...readings.keys()], this.#inFlight, answer);
    return { answers, unreadable, lengths: textLengthsOf(table) };
  }

  /** Frees the layers; the heads on them are released by whoever opened them. */
  async release(): Promise<void> {
    await this.#extractor?.release();
  }

  async #read(
    inputs: readonly Input[],
    readings: readonly Reading[],
    signal: AbortSignal | undefined,
  ): Promise<{ table: FeatureTable; unreadable: Map<number, DataError> }> {
    const unreadable = new Map<number, DataError>();
    const table = createTable(this.#columns, inputs.length);
    await this.#extractor?.run(
      inputs,
      {
        features: (position, vector) => table.matrix.data.set(vector, position * table.matrix.cols),
        unreadable: (position, error) => void unreadable.set(position, error),
        batch: async (batch) => {
          await Promise.all(readings.map((reading) => reading.take(batch)));
        },
      },
      signal,
    );
    return { table, unreadable };
  }
}

/**
 * Tasks of equal keys can share a backbone: they read the same weights and prepare inputs in the same
 * way. Tasks that only read words need no base, and are apart so that they need not wait for one.
 */
export function backboneKey({ base, columns, files, preprocessing }: TaskManifest): string {
  if (columns.length === 0) return "words";
  return canonicalJson([base.digest, files[ADAPTER_FILE]?.sha256, preprocessing]);
}

/** Every column of the layers up to the deepest of some taps, and how long a text is. */
function columnsUpTo(spec: BaseSpec, taps: readonly string[]): FeatureColumn[] {
  const depths = new Map(spec.taps.map(({ name }, depth) => [name, depth]));
  const depthOf = (tap: string) => depths.get(tap) ?? -1;
  const deepest = taps.reduce((depth, tap) => Math.max(depth, depthOf(tap)), -1);
  const read = allColumns(spec).filter(({ tap }) => depthOf(tap) <= deepest);
  return read.length > 0 && spec.modality === "text" ? [...read, TEXT_LENGTH] : read;
}

function includesAll(columns: readonly FeatureColumn[], wanted: readonly FeatureColumn[]): boolean {
  const keys = new Set(columns.map(columnKey));
  return wanted.every((column) => keys.has(columnKey(column)));
}
