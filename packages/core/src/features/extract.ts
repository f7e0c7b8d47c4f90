import type { BaseModel } from "../bases/base.js";
import { canonicalJson } from "../canonical-json.js";
import { forEachConcurrent } from "../concurrency.js";
import type { Input } from "../dataset/dataset.js";
import { digestOfInput } from "../dataset/digest.js";
import { DataError } from "../errors.js";
import type { OnProgress, Platform } from "../platform.js";
import { chunk } from "./batches.js";
import type { FeatureCache, OpenFeatureCache } from "./cache.js";
import { columnKey, type FeatureColumn, totalWidth } from "./columns.js";
import { createExtractor, type FeatureExtractor } from "./extractor.js";
import { columnRanges, createTable, type FeatureTable, mergeAdjacent } from "./table.js";

/**
 * Raised whenever the way that features are computed changes their values, so that vectors of older
 * versions in a cache are not mixed with new ones.
 */
const FEATURES_VERSION = 1;

/** Inputs handled in one go: bounds the memory that tokens and open files take. */
const WINDOW = 8192;

/** Inputs read at the same time while looking into the cache. */
const FILES_IN_FLIGHT = 16;

export interface ExtractOptions {
  readonly openCache: OpenFeatureCache;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /**
   * The columns that are given back, where not all of those that are computed and cached are needed: it
   * saves their memory.
   */
  readonly kept?: readonly FeatureColumn[] | undefined;
}

export interface Extraction {
  /** One row per input, in order; rows of unreadable inputs are zero. */
  readonly table: FeatureTable;
  /** Content digest of each input; empty where its file could not be read. */
  readonly digests: readonly string[];
  /** Inputs that could not be decoded, in order. */
  readonly unreadable: readonly { readonly position: number; readonly error: DataError }[];
  /** How many inputs were computed now; the others came from the cache or were repeated. */
  readonly computed: number;
}

/**
 * Turns inputs into features with one pass of the frozen base over what the cache does not hold.
 * Equal inputs are computed once. What was computed is in the cache even when the pass is aborted.
 */
export async function extractFeatures(
  base: BaseModel,
  columns: readonly FeatureColumn[],
  inputs: readonly Input[],
  platform: Platform,
  options: ExtractOptions,
): Promise<Extraction> {
  const table = createTable(options.kept ?? columns, inputs.length);
  const cache = await options.openCache(
    await featureSetKey(base, columns, platform),
    totalWidth(columns),
  );
  const pass = new CachedPass(base, platform, cache, columns, table, options);
  try {
    for (const positions of chunk([...inputs.keys()], WINDOW)) await pass.run(inputs, positions);
  } finally {
    await pass.release();
    await cache.close();
  }
  pass.unreadable.sort((a, b) => a.position - b.position);
  return { table, digests: pass.digests, unreadable: pass.unreadable, computed: pass.computed };
}

/** A pass over the inputs, window by window, that first looks into the cache. */
class CachedPass {
  readonly digests: string[] = [];
  readonly unreadable: { position: number; error: DataError }[] = [];
  computed = 0;
  #done = 0;
  #extractor: FeatureExtractor | undefined;
  readonly #base: BaseModel;
  readonly #platform: Platform;
  readonly #cache: FeatureCache;
  readonly #columns: readonly FeatureColumn[];
  readonly #table: FeatureTable;
  /** Where the columns of the table are among those that are computed. */
  readonly #ranges: readonly { readonly start: number; readonly width: number }[];
  readonly #options: ExtractOptions;

  constructor(
    base: BaseModel,
    platform: Platform,
    cache: FeatureCache,
    columns: readonly FeatureColumn[],
    table: FeatureTable,
    options: ExtractOptions,
  ) {
    this.#base = base;
    this.#platform = platform;
    this.#cache = cache;
    this.#columns = columns;
    this.#table = table;
    this.#ranges = mergeAdjacent(columnRanges(columns, table.columns));
    this.#options = options;
  }

  async run(inputs: readonly Input[], positions: readonly number[]): Promise<void> {
    const missing = await this.#takeFromCache(inputs, positions);
    if (missing.length === 0) return;
    this.#extractor ??= await createExtractor(this.#base, this.#columns, this.#platform);
    await this.#extractor.run(
      missing.map(([first]) => inputs[first!]!),
      {
        features: async (index, vector) => {
          this.computed += 1;
          this.#fill(missing[index]!, vector);
          await this.#cache.write(this.digests[missing[index]![0]!]!, vector);
        },
        unreadable: (index, error) => this.#leaveOut(missing[index]!, error),
      },
      this.#options.signal,
    );
  }

  async release(): Promise<void> {
    await this.#extractor?.release();
  }

  /** Fills the rows that the cache holds; returns the others, positions of equal inputs together. */
  async #takeFromCache(
    inputs: readonly Input[],
    positions: readonly number[],
  ): Promise<number[][]> {
    const missing = new Map<string, number[]>();
    const look = async (position: number): Promise<void> => {
      const digest = await digestOfInput(inputs[position]!, this.#platform).catch(
        (error: unknown) => {
          if (!(error instanceof DataError)) throw error;
          this.#leaveOut([position], error);
          return undefined;
        },
      );
      this.digests[position] = digest ?? "";
      if (digest === undefined) return;
      const stored = await this.#cache.read(digest);
      if (stored) this.#fill([position], stored);
      else if (missing.has(digest)) missing.get(digest)!.push(position);
      else missing.set(digest, [position]);
    };
    await forEachConcurrent(positions, FILES_IN_FLIGHT, look, this.#options.signal);
    return [...missing.values()].sort(([a], [b]) => a! - b!);
  }

  #fill(positions: readonly number[], vector: Float32Array): void {
    const { cols, data } = this.#table.matrix;
    for (const position of positions) {
      let at = position * cols;
      for (const { start, width } of this.#ranges) {
        data.set(vector.subarray(start, start + width), at);
        at += width;
      }
    }
    this.#report(positions.length);
  }

  #leaveOut(positions: readonly number[], error: DataError): void {
    for (const position of positions) this.unreadable.push({ position, error });
    this.#report(positions.length);
  }

  #report(finished: number): void {
    this.#done += finished;
    this.#options.onProgress?.({
      phase: "features",
      done: this.#done,
      total: this.#table.matrix.rows,
    });
  }
}

/** The digest of everything, apart from the item itself, that a feature vector depends on. */
export function featureSetKey(
  base: BaseModel,
  columns: readonly FeatureColumn[],
  platform: Platform,
): Promise<string> {
  return platform.sha256(
    canonicalJson({
      version: FEATURES_VERSION,
      base: base.digest,
      preprocessing: base.spec.preprocessing,
      columns: columns.map(columnKey),
    }),
  );
}
