import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@engraft/core/predict";
import { z } from "zod";
import { readPlainFile } from "../files/plain-file.js";
import { SET_FILE, SHARD_SUFFIX } from "./disk-cache.js";
import { inspectShard } from "./shard.js";

/** One feature set on disk: the vectors of one base, read in one way. */
export interface CachedSet {
  readonly id: string;
  /** Base model, or `unknown` where the description was lost. */
  readonly base: string;
  readonly items: number;
  readonly bytes: number;
  readonly lastUsed: Date;
}

/** A folder of the cache that was looked into. */
interface FoundSet extends CachedSet {
  /** Names of its files that Engraft wrote. */
  readonly own: readonly string[];
}

/**
 * Lists the feature sets of a cache, the most recently used first. Folders in which nothing is a shard
 * or describes a set are not of Engraft and are passed over.
 */
export async function listCache(folder: string): Promise<CachedSet[]> {
  const { sets } = await lookInto(folder);
  return sets.map(({ id, base, items, bytes, lastUsed }) => ({ id, base, items, bytes, lastUsed }));
}

/** The sets of a cache, and the paths of other folders beside them. */
async function lookInto(folder: string): Promise<{ sets: FoundSet[]; others: string[] }> {
  const root = join(folder, "features");
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const sets: FoundSet[] = [];
  const others: string[] = [];
  for (const entry of entries) {
    const path = join(root, entry.name);
    const set = entry.isDirectory() ? await describeSet(path, entry.name) : undefined;
    if (set !== undefined) sets.push(set);
    else others.push(path);
  }
  sets.sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
  return { sets, others };
}

/** What to keep when pruning. */
export interface PruneOptions {
  /** Sets that were not used for longer than this are removed. Milliseconds. */
  readonly olderThan?: number | undefined;
  /** The least recently used sets are removed until the cache is no larger than this. Bytes. */
  readonly maxBytes?: number | undefined;
}

/** What was done to a cache. */
export interface Pruning {
  /** The sets that were removed. */
  readonly removed: readonly CachedSet[];
  /** Paths of what lies among the sets and is not Engraft's own: it stays. */
  readonly left: readonly string[];
}

/** Removes feature sets; without options, all of them. Only files that Engraft wrote are removed. */
export async function pruneCache(
  folder: string,
  { olderThan, maxBytes }: PruneOptions,
): Promise<Pruning> {
  const everything = olderThan === undefined && maxBytes === undefined;
  const { sets, others } = await lookInto(folder);
  const removed: CachedSet[] = [];
  const left = [...others];
  let kept = 0;
  for (const { own, ...set } of sets) {
    const tooOld = olderThan !== undefined && Date.now() - set.lastUsed.getTime() > olderThan;
    const tooMuch = maxBytes !== undefined && kept + set.bytes > maxBytes;
    if (everything || tooOld || tooMuch) {
      const path = join(folder, "features", set.id);
      if (!(await removeSet(path, own))) left.push(path);
      removed.push(set);
    } else {
      kept += set.bytes;
    }
  }
  return { removed, left };
}

/** @returns Whether the folder is gone; it stays where something else is in it. */
async function removeSet(path: string, own: readonly string[]): Promise<boolean> {
  for (const name of own) await rm(join(path, name), { force: true });
  return rmdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT",
  );
}

/**
 * Describes a folder by what Engraft wrote in it; undefined where that is nothing. Another process may
 * be pruning the set: what has vanished counts as empty.
 */
async function describeSet(folder: string, id: string): Promise<FoundSet | undefined> {
  const description = await readDescription(join(folder, SET_FILE));
  const own = description === undefined ? [] : [SET_FILE];
  let bytes = 0;
  let items = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const shard = name.endsWith(SHARD_SUFFIX) ? await inspectShard(join(folder, name)) : undefined;
    if (shard === undefined) continue;
    own.push(name);
    bytes += shard.bytes;
    items += shard.items;
  }
  if (own.length === 0) return undefined;
  const lastUsed = await stat(join(folder, SET_FILE)).then(
    ({ mtime }) => mtime,
    () => new Date(0),
  );
  return { id, base: description?.base ?? "unknown", items, bytes, lastUsed, own };
}

/** What a set says of itself; undefined where it is nothing that Engraft wrote. */
async function readDescription(setFile: string): Promise<{ base: string } | undefined> {
  const bytes = await readPlainFile(setFile, { most: 1_000_000 }).catch(() => undefined);
  if (bytes === undefined) return undefined;
  return descriptionSchema.safeParse(parseJson(bytes)).data;
}

const descriptionSchema = z.object({
  base: z.string().default("unknown"),
  width: z.int().min(1),
});
