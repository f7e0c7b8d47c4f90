import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SET_FILE, SHARD_SUFFIX } from "./disk-cache.js";
import { recordsIn } from "./shard.js";

/** One feature set on disk: the vectors of one base, read in one way. */
export interface CachedSet {
  readonly id: string;
  /** Base model, or `unknown` where the description was lost. */
  readonly base: string;
  readonly items: number;
  readonly bytes: number;
  readonly lastUsed: Date;
}

/** Lists the feature sets of a cache, the most recently used first. */
export async function listCache(folder: string): Promise<CachedSet[]> {
  const root = join(folder, "features");
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory());
  const sets = await Promise.all(folders.map(({ name }) => describeSet(join(root, name), name)));
  return sets.sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

/** What to keep when pruning. */
export interface PruneOptions {
  /** Sets that were not used for longer than this are removed. Milliseconds. */
  readonly olderThan?: number | undefined;
  /** The least recently used sets are removed until the cache is no larger than this. Bytes. */
  readonly maxBytes?: number | undefined;
}

/** Removes feature sets; without options, all of them. Returns what was removed. */
export async function pruneCache(
  folder: string,
  { olderThan, maxBytes }: PruneOptions,
): Promise<CachedSet[]> {
  const everything = olderThan === undefined && maxBytes === undefined;
  const removed: CachedSet[] = [];
  let kept = 0;
  for (const set of await listCache(folder)) {
    const tooOld = olderThan !== undefined && Date.now() - set.lastUsed.getTime() > olderThan;
    const tooMuch = maxBytes !== undefined && kept + set.bytes > maxBytes;
    if (everything || tooOld || tooMuch) {
      await rm(join(folder, "features", set.id), { recursive: true, force: true });
      removed.push(set);
    } else {
      kept += set.bytes;
    }
  }
  return removed;
}

/** Another process may be pruning the set: what has vanished counts as empty. */
async function describeSet(folder: string, id: string): Promise<CachedSet> {
  const setFile = join(folder, SET_FILE);
  const { base, width } = await readDescription(setFile);
  const lastUsed = await stat(setFile)
    .then(({ mtime }) => mtime)
    .catch(() => new Date(0));
  let bytes = 0;
  let items = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(SHARD_SUFFIX)) continue;
    const size = await stat(join(folder, name)).then(
      (status) => status.size,
      () => 0,
    );
    bytes += size;
    items += width > 0 ? recordsIn(size, width) : 0;
  }
  return { id, base, items, bytes, lastUsed };
}

async function readDescription(setFile: string): Promise<{ base: string; width: number }> {
  const text = await readFile(setFile, "utf8").catch(() => "");
  return descriptionSchema.parse(parseJson(text));
}

const descriptionSchema = z
  .object({ base: z.string().catch("unknown"), width: z.int().min(1).catch(0) })
  .catch({ base: "unknown", width: 0 });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
