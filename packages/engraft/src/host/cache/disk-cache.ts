import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FeatureCache, OpenFeatureCache } from "@engraft/core/internal";
import { createShard, encodeRecord, indexShard, type Location, readRecord } from "./shard.js";

/** Describes a feature set for `engraft cache`; its time of change is when the set was last used. */
export const SET_FILE = "set.json";
export const SHARD_SUFFIX = ".shard";

/**
 * Opens caches below a folder: one sub-folder per feature set, in it one file per process that
 * wrote. Processes never write to each other's files, so any number of them may share a cache.
 *
 * @param warn - Told once when the cache cannot be written; the work goes on without it.
 */
export function diskCaches(
  folder: string,
  description: Readonly<Record<string, unknown>>,
  warn: (message: string) => void,
): OpenFeatureCache {
  return async (featureSet, width) => {
    const setFolder = join(folder, "features", featureSet);
    const cache = new DiskCache(setFolder, width, warn);
    await cache.load({ ...description, width });
    return cache;
  };
}

class DiskCache implements FeatureCache {
  readonly #folder: string;
  readonly #width: number;
  readonly #warn: (message: string) => void;
  readonly #index = new Map<string, Location>();
  readonly #readers = new Map<string, Promise<FileHandle>>();
  #pending: Buffer[] = [];
  #writing: Promise<void> | undefined;
  #shard: FileHandle | undefined;
  #readOnly = false;

  constructor(folder: string, width: number, warn: (message: string) => void) {
    this.#folder = folder;
    this.#width = width;
    this.#warn = warn;
  }

  async load(description: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#indexShards();
    await this.#orWithout(async () => {
      await mkdir(this.#folder, { recursive: true });
      const setFile = join(this.#folder, SET_FILE);
      const now = new Date();
      await utimes(setFile, now, now).catch(() =>
        writeFile(setFile, `${JSON.stringify(description)}\n`),
      );
    });
  }

  async read(item: string): Promise<Float32Array | undefined> {
    const location = this.#index.get(item);
    if (location === undefined) return undefined;
    const { path, offset } = location;
    const reader = this.#readers.get(path) ?? open(path, "r");
    this.#readers.set(path, reader);
    try {
      return await readRecord(await reader, offset, this.#width);
    } catch {
      // Another process may have pruned the shard: the vector is computed again.
      return undefined;
    }
  }

  /** Queues a vector. Whatever is queued goes to disk in one write as soon as the last one is done. */
  write(item: string, features: Float32Array): Promise<void> {
    if (!this.#readOnly) {
      this.#pending.push(encodeRecord(item, features));
      this.#writing ??= this.#drain();
    }
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#orWithout(async () => this.#shard?.sync());
    await this.#shard?.close();
    for (const reader of this.#readers.values())
      await (await reader.catch(() => undefined))?.close();
    this.#readers.clear();
  }

  /** Shards of other processes may vanish at any time; what cannot be read is passed over. */
  async #indexShards(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (!name.endsWith(SHARD_SUFFIX)) continue;
      try {
        for (const [item, location] of indexShard(join(this.#folder, name), this.#width)) {
          this.#index.set(item, location);
        }
      } catch {
        // Its vectors are computed again.
      }
    }
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const bytes = Buffer.concat(this.#pending);
      this.#pending = [];
      await this.#orWithout(async () => {
        this.#shard ??= await createShard(
          join(this.#folder, `${randomUUID()}${SHARD_SUFFIX}`),
          this.#width,
        );
        await this.#shard.appendFile(bytes);
      });
    }
    this.#writing = undefined;
  }

  /** A cache that cannot be written (full disk, no permission) costs speed, never the work. */
  async #orWithout(work: () => Promise<void>): Promise<void> {
    if (this.#readOnly) return;
    try {
      await work();
    } catch (error) {
      this.#readOnly = true;
      this.#pending = [];
      const reason = error instanceof Error ? error.message : String(error);
      this.#warn(
        `The feature cache in ${this.#folder} cannot be written (${reason}). Going on without it.`,
      );
    }
  }
}
