import { type FeatureCache, type OpenFeatureCache, openMemoryCache } from "@engraft/core/internal";
import { explainWrite, type KeptFiles } from "../storage/kept-files.js";
import { type OpfsFiles, writeAll } from "../storage/opfs-files.js";
import {
  decodeRecord,
  encodeRecord,
  HEADER_BYTES,
  itemOf,
  PREFIX_BYTES,
  recordBytes,
  shardHeader,
} from "./shard.js";

/** The folder of features among the kept files. */
export const FEATURES_FOLDER = "features";

/**
 * Opens caches of features: a folder for each feature set, in it a file for each worker that wrote.
 * Workers never write to each other's files, so that any number of tabs share the cache. Where the
 * browser has no file system, features last as long as the worker.
 *
 * @param warn - Told once when nothing more can be written; the work goes on without it.
 */
export function featureCaches(
  kept: () => Promise<KeptFiles | OpfsFiles>,
): (warn: (message: string) => void) => OpenFeatureCache {
  const inMemory = new Map<string, Promise<FeatureCache>>();
  return (warn) => async (featureSet, width) => {
    const files = await kept();
    if ("openEnd" in files) return OpfsCache.open(files, featureSet, width, warn);
    const cache = inMemory.get(featureSet) ?? openMemoryCache(featureSet, width);
    inMemory.set(featureSet, cache);
    return cache;
  };
}

/** Where a vector is. */
interface Location {
  readonly path: string;
  readonly offset: number;
}

class OpfsCache implements FeatureCache {
  readonly #files: OpfsFiles;
  readonly #folder: string;
  readonly #width: number;
  readonly #warn: (message: string) => void;
  readonly #index = new Map<string, Location>();
  readonly #readers = new Map<string, Promise<Blob | undefined>>();
  #shard: Promise<FileSystemSyncAccessHandle> | undefined;
  #isReadOnly = false;

  private constructor(
    files: OpfsFiles,
    featureSet: string,
    width: number,
    warn: (message: string) => void,
  ) {
    this.#files = files;
    this.#folder = `${FEATURES_FOLDER}/${featureSet}`;
    this.#width = width;
    this.#warn = warn;
  }

  static async open(
    files: OpfsFiles,
    featureSet: string,
    width: number,
    warn: (message: string) => void,
  ): Promise<OpfsCache> {
    const cache = new OpfsCache(files, featureSet, width, warn);
    for (const { path } of await files.list(cache.#folder)) {
      // Another tab may be writing it, or clear it: its vectors are computed again.
      await cache.#indexShard(path).catch(() => {});
    }
    return cache;
  }

  async read(item: string): Promise<Float32Array | undefined> {
    const location = this.#index.get(item);
    if (location === undefined) return undefined;
    const { path, offset } = location;
    const reader = this.#readers.get(path) ?? this.#files.open(path);
    this.#readers.set(path, reader);
    try {
      const blob = await reader;
      const bytes = await blob?.slice(offset, offset + recordBytes(this.#width)).arrayBuffer();
      return bytes && decodeRecord(new Uint8Array(bytes), this.#width);
    } catch {
      // Another tab may have cleared the cache: the vector is computed again.
      return undefined;
    }
  }

  async write(item: string, features: Float32Array): Promise<void> {
    if (this.#isReadOnly) return;
    try {
      this.#shard ??= this.#createShard();
      const shard = await this.#shard;
      writeAll(shard, encodeRecord(item, features), shard.getSize());
    } catch (cause) {
      await this.#goOnWithout(cause);
    }
  }

  async close(): Promise<void> {
    this.#readers.clear();
    const shard = await this.#shard?.catch(() => undefined);
    this.#shard = undefined;
    shard?.flush();
    shard?.close();
  }

  async #createShard(): Promise<FileSystemSyncAccessHandle> {
    const shard = await this.#files.openEnd(`${this.#folder}/${crypto.randomUUID()}.shard`);
    writeAll(shard, shardHeader(this.#width), 0);
    return shard;
  }

  /** Lists the items of a shard. What is no shard of this width has none. */
  async #indexShard(path: string): Promise<void> {
    const blob = await this.#files.open(path);
    if (blob === undefined) return;
    const header = new Uint8Array(await blob.slice(0, HEADER_BYTES).arrayBuffer());
    if (header.join() !== shardHeader(this.#width).join()) return;
    const size = recordBytes(this.#width);
    const records = Math.floor((blob.size - HEADER_BYTES) / size);
    const atOnce = Math.max(1, Math.floor(PIECE / size));
    for (let first = 0; first < records; first += atOnce) {
      const offset = HEADER_BYTES + first * size;
      const count = Math.min(atOnce, records - first);
      const piece = new Uint8Array(await blob.slice(offset, offset + count * size).arrayBuffer());
      for (let at = 0; at < piece.length; at += size) {
        this.#index.set(itemOf(piece.subarray(at, at + PREFIX_BYTES)), {
          path,
          offset: offset + at,
        });
      }
    }
  }

  async #goOnWithout(cause: unknown): Promise<void> {
    this.#isReadOnly = true;
    const error = await explainWrite(cause);
    const reason = error instanceof Error ? error.message : String(error);
    this.#warn(`The feature cache cannot be written (${reason}). Going on without it.`);
  }
}

/** So many bytes of a shard are read at once. */
const PIECE = 4 * 2 ** 20;
