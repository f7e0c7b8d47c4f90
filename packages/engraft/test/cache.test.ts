import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FeatureCache } from "@engraft/core/internal";
import { fc, test } from "@fast-check/vitest";
import { afterEach, describe, expect, it, vi } from "vitest";
import { diskCaches } from "../src/host/cache/disk-cache.js";
import { cacheFolder } from "../src/host/cache/location.js";
import { listCache, pruneCache } from "../src/host/cache/manage.js";
import {
  createShard,
  encodeRecord,
  indexShard,
  recordsIn,
  shardHeader,
} from "../src/host/cache/shard.js";
import { engraftHere, writeFiles } from "./support.js";

const WIDTH = 3;
const SET = "set-1";

const item = (name: string) => createHash("sha256").update(name).digest("hex");

function refuseWarning(message: string): never {
  throw new Error(`unexpected warning: ${message}`);
}

function open(folder: string, warn: (message: string) => void = refuseWarning, set = SET) {
  return diskCaches(folder, { base: "tiny" }, warn)(set, WIDTH);
}

/** Writes vectors and closes. */
async function store(
  folder: string,
  vectors: Readonly<Record<string, readonly number[]>>,
  set = SET,
) {
  const cache = await open(folder, refuseWarning, set);
  for (const [name, values] of Object.entries(vectors)) {
    await cache.write(item(name), Float32Array.from(values));
  }
  await cache.close();
}

async function readAll(cache: FeatureCache, names: readonly string[]) {
  const found = await Promise.all(names.map((name) => cache.read(item(name))));
  await cache.close();
  return found.map((vector) => vector && [...vector]);
}

async function shardsIn(folder: string, set = SET): Promise<string[]> {
  const path = join(folder, "features", set);
  const names = await readdir(path);
  return names.filter((name) => name.endsWith(".shard")).map((name) => join(path, name));
}

const newFolder = () => writeFiles({});

describe("the cache on disk", () => {
  it("gives back in a later process what was written, and nothing else", async () => {
    const folder = await newFolder();
    await store(folder, { a: [1, 2, 3], b: [-0.5, 0, 1e-30] });
    const cache = await open(folder);
    expect(await readAll(cache, ["a", "b", "c"])).toEqual([
      [1, 2, 3],
      [-0.5, 0, Math.fround(1e-30)],
      undefined,
    ]);
  });

  it("holds every vector that was written before it was closed, however many", async () => {
    const folder = await newFolder();
    const names = Array.from({ length: 500 }, (_, n) => `item ${n}`);
    await store(folder, Object.fromEntries(names.map((name, n) => [name, [n, n, n]])));
    const found = await readAll(await open(folder), names);
    expect(found).toEqual(names.map((_, n) => [n, n, n]));
  });

  it("keeps sets and widths apart", async () => {
    const folder = await newFolder();
    await store(folder, { a: [1, 2, 3] });
    expect(await readAll(await open(folder, refuseWarning, "set-2"), ["a"])).toEqual([undefined]);
    const wider = await diskCaches(folder, {}, refuseWarning)(SET, WIDTH + 1);
    expect(await readAll(wider, ["a"])).toEqual([undefined]);
  });

  it("is shared by writers that know nothing of each other", async () => {
    const folder = await newFolder();
    const [first, second] = await Promise.all([open(folder), open(folder)]);
    await first.write(item("a"), Float32Array.of(1, 1, 1));
    await second.write(item("a"), Float32Array.of(1, 1, 1));
    await second.write(item("b"), Float32Array.of(2, 2, 2));
    await Promise.all([first.close(), second.close()]);
    expect(await readAll(await open(folder), ["a", "b"])).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });
});

describe("damage", () => {
  async function damaged(change: (bytes: Buffer) => Uint8Array): Promise<string> {
    const folder = await newFolder();
    await store(folder, { a: [1, 2, 3], b: [4, 5, 6] });
    const [shard] = await shardsIn(folder);
    await writeFile(shard!, change(await readFile(shard!)));
    return folder;
  }

  it("of a shard that was cut off costs the record at its end", async () => {
    for (const cut of [1, 10, 40]) {
      const folder = await damaged((bytes) => bytes.subarray(0, bytes.length - cut));
      expect(await readAll(await open(folder), ["a", "b"])).toEqual([[1, 2, 3], undefined]);
    }
  });

  it("of a header costs the shard", async () => {
    for (const length of [0, 7, 15]) {
      const folder = await damaged((bytes) => bytes.subarray(0, length));
      expect(await readAll(await open(folder), ["a", "b"])).toEqual([undefined, undefined]);
    }
  });

  test.prop([fc.nat(), fc.nat(7)], { numRuns: 25 })(
    "of any bit of a shard is never taken for a vector",
    async (position, bit) => {
      const folder = await damaged((bytes) => {
        bytes[position % bytes.length]! ^= 1 << bit;
        return bytes;
      });
      const [a, b] = await readAll(await open(folder), ["a", "b"]);
      if (a !== undefined) expect(a).toEqual([1, 2, 3]);
      if (b !== undefined) expect(b).toEqual([4, 5, 6]);
    },
  );

  it("that gives a vector to another item is noticed", async () => {
    const size = 32 + 4 + 4 * WIDTH;
    const folder = await damaged((bytes) => {
      const [a, b] = [16, 16 + size].map((start) =>
        Buffer.from(bytes.subarray(start + 32, start + size)),
      );
      b!.copy(bytes, 16 + 32);
      a!.copy(bytes, 16 + size + 32);
      return bytes;
    });
    expect(await readAll(await open(folder), ["a", "b"])).toEqual([undefined, undefined]);
  });

  it("of a shard of an earlier version is none: it is not read", async () => {
    const folder = await damaged((bytes) => {
      bytes.write("ENGRAFT1");
      return bytes;
    });
    expect(await readAll(await open(folder), ["a", "b"])).toEqual([undefined, undefined]);
    expect(await listCache(folder)).toMatchObject([{ items: 0 }]);
    expect(await pruneCache(folder, {})).toMatchObject({ left: [] });
  });

  it("is repaired by writing again", async () => {
    const folder = await damaged((bytes) => bytes.subarray(0, bytes.length - 1));
    await store(folder, { b: [4, 5, 6] });
    expect(await readAll(await open(folder), ["a", "b"])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("by foreign files and folders does no harm", async () => {
    const folder = await newFolder();
    await store(folder, { a: [1, 2, 3] });
    const set = join(folder, "features", SET);
    await writeFile(join(set, "notes.txt"), "mine");
    await writeFile(join(set, "foreign.shard"), "not a shard at all, but quite long");
    await mkdir(join(set, "folder.shard"));
    await writeFile(join(folder, "features", "stray file"), "?");
    await writeFile(join(set, "set.json"), "null");
    expect(await readAll(await open(folder), ["a"])).toEqual([[1, 2, 3]]);
    expect(await listCache(folder)).toMatchObject([{ id: SET, base: "unknown", items: 1 }]);
    expect(await readFile(join(set, "notes.txt"), "utf8")).toBe("mine");
  });

  it("by a prune while the cache is open costs no more than the vectors", async () => {
    const folder = await newFolder();
    await store(folder, { a: [1, 2, 3] });
    const warnings: string[] = [];
    const cache = await open(folder, (message) => warnings.push(message));
    await pruneCache(folder, {});
    expect(await cache.read(item("a"))).toBeUndefined();
    await cache.write(item("b"), Float32Array.of(1, 2, 3));
    await cache.close();
    expect(warnings).toHaveLength(1);
  });
});

describe("a cache that cannot be written", () => {
  it("warns once, and the work goes on", async () => {
    const file = join(await writeFiles({ taken: "a file where the cache should be" }), "taken");
    const warnings: string[] = [];
    const cache = await open(file, (message) => warnings.push(message));
    await cache.write(item("a"), Float32Array.of(1, 2, 3));
    await cache.write(item("b"), Float32Array.of(1, 2, 3));
    expect(await readAll(cache, ["a"])).toEqual([undefined]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/cannot be written \(.+\).*without it/);
    expect(warnings[0]).toContain(file);
  });

  it("still gives what it holds", async () => {
    const folder = await newFolder();
    await store(folder, { a: [1, 2, 3] });
    // A folder in the place of set.json: nobody, not even root, can write it.
    const setFile = join(folder, "features", SET, "set.json");
    await rm(setFile);
    await mkdir(join(setFile, "in the way"), { recursive: true });
    expect(await readAll(await open(folder, () => {}), ["a"])).toEqual([[1, 2, 3]]);
  });

  it.skipIf(process.platform === "win32")(
    "because the disk is full keeps what fitted",
    async () => {
      const folder = await newFolder();
      // A limit on the size of files stands for a full disk: writes beyond it fail.
      const script = `
      const { diskCaches } = await import(${JSON.stringify(new URL("../dist/host/cache/disk-cache.js", import.meta.url).href)});
      const warnings = [];
      const cache = await diskCaches(${JSON.stringify(folder)}, {}, (w) => warnings.push(w))("full", 1000);
      for (let n = 0; n < 40; n++) {
        await cache.write(n.toString(16).padStart(64, "0"), new Float32Array(1000).fill(n));
        await new Promise(setImmediate);
      }
      await cache.close();
      console.log(JSON.stringify(warnings));`;
      const limited = spawnSync(
        "bash",
        ["-c", 'ulimit -f 64; exec "$0" --input-type=module -e "$1"', process.execPath, script],
        { encoding: "utf8" },
      );
      expect(limited.stderr).toBe("");
      expect(JSON.parse(limited.stdout)).toEqual([expect.stringMatching(/EFBIG|file too large/i)]);
      const after = await diskCaches(folder, {}, refuseWarning)("full", 1000);
      const kept = await after.read("0".repeat(64));
      expect(kept?.[999]).toBe(0);
      const [shard] = await shardsIn(folder, "full");
      const whole = recordsIn((await stat(shard!)).size, 1000);
      expect(whole).toBeGreaterThan(0);
      expect(whole).toBeLessThan(40);
      await after.close();
    },
  );
});

describe("shards", () => {
  const record = fc.record({
    name: fc.string(),
    vector: fc.float32Array({ minLength: WIDTH, maxLength: WIDTH }),
  });

  test.prop([fc.array(record, { maxLength: 8 }), fc.nat(60)], { numRuns: 25 })(
    "list the items of all complete records",
    async (records, cut) => {
      const folder = await newFolder();
      const bytes = Buffer.concat([
        shardHeader(WIDTH),
        ...records.map(({ name, vector }) => encodeRecord(item(name), vector)),
      ]);
      const path = join(folder, "x.shard");
      await writeFile(path, bytes.subarray(0, Math.max(0, bytes.length - cut)));
      const { size } = await stat(path);
      const listed = [...indexShard(path, WIDTH)].map(([digest]) => digest);
      const expected = records.map(({ name }) => item(name)).slice(0, recordsIn(size, WIDTH));
      expect(listed).toEqual(expected);
    },
  );

  it("are never written over", async () => {
    const path = join(await newFolder(), "x.shard");
    await (await createShard(path, WIDTH)).close();
    await expect(createShard(path, WIDTH)).rejects.toThrow(/EEXIST/);
  });
});

describe("pruning", () => {
  afterEach(() => vi.unstubAllEnvs());

  const DAY = 24 * 3600 * 1000;

  /** Three sets of one, two and three items, last used today, 10 and 20 days ago. */
  async function threeSets(): Promise<string> {
    const folder = await newFolder();
    await store(folder, { a: [1, 1, 1] }, "new");
    await store(folder, { a: [1, 1, 1], b: [1, 1, 1] }, "older");
    await store(folder, { a: [1, 1, 1], b: [1, 1, 1], c: [1, 1, 1] }, "oldest");
    for (const [set, days] of [
      ["older", 10],
      ["oldest", 20],
    ] as const) {
      const time = new Date(Date.now() - days * DAY);
      await utimes(join(folder, "features", set, "set.json"), time, time);
    }
    return folder;
  }

  const ids = async (folder: string) => (await listCache(folder)).map(({ id }) => id);

  it("lists the sets, the most recently used first", async () => {
    const sets = await listCache(await threeSets());
    expect(sets).toMatchObject([
      { id: "new", base: "tiny", items: 1 },
      { id: "older", base: "tiny", items: 2 },
      { id: "oldest", base: "tiny", items: 3 },
    ]);
    expect(sets[0]!.bytes).toBeLessThan(sets[1]!.bytes);
  });

  it("removes what was not used for long", async () => {
    const folder = await threeSets();
    const { removed } = await pruneCache(folder, { olderThan: 15 * DAY });
    expect(removed.map(({ id }) => id)).toEqual(["oldest"]);
    expect(await ids(folder)).toEqual(["new", "older"]);
  });

  it("removes the least recently used until the rest is small enough", async () => {
    const folder = await threeSets();
    const [first, second] = await listCache(folder);
    await pruneCache(folder, { maxBytes: first!.bytes + second!.bytes });
    expect(await ids(folder)).toEqual(["new", "older"]);
    await pruneCache(folder, { maxBytes: 0 });
    expect(await ids(folder)).toEqual([]);
  });

  it("removes everything unless told otherwise", async () => {
    const folder = await threeSets();
    const { removed, left } = await pruneCache(folder, {});
    expect([removed.length, left]).toEqual([3, []]);
    expect(await listCache(folder)).toEqual([]);
    expect(await readdir(join(folder, "features"))).toEqual([]);
  });

  it("leaves what is not of the cache, and says so", async () => {
    const folder = await writeFiles({
      "features/login/index.ts": "code",
      "features/settings/set.json": '{"mine":true}',
      "features/readme.md": "text",
    });
    await store(folder, { a: [1, 1, 1] });
    await writeFile(join(folder, "features", SET, "notes.txt"), "mine");
    await writeFile(join(folder, "features", SET, "other.shard"), "no shard");
    expect(await ids(folder)).toEqual([SET]);
    vi.stubEnv("ENGRAFT_CACHE", folder);
    const { stdout, stderr } = await engraftHere(["cache", "prune"]);
    expect(stdout).toBe("Removed 1 items, 64 B.\n");
    for (const name of ["login", "settings", "readme.md", SET]) {
      expect(stderr).toContain(`${join(folder, "features", name)} was left`);
    }
    const remaining = await readdir(join(folder, "features"), { recursive: true });
    expect(remaining.sort()).toEqual(
      [
        ...["login", "login/index.ts", "readme.md", "settings", "settings/set.json"],
        ...[SET, `${SET}/notes.txt`, `${SET}/other.shard`],
      ].sort(),
    );
  });

  it("counts as used what is opened", async () => {
    const folder = await threeSets();
    await (await open(folder, refuseWarning, "oldest")).close();
    expect((await ids(folder))[0]).toBe("oldest");
  });

  it("is a command", async () => {
    const folder = await threeSets();
    vi.stubEnv("ENGRAFT_CACHE", folder);
    const [shown, json, removed] = [
      await engraftHere(["cache"]),
      await engraftHere(["cache", "--json"]),
      await engraftHere(["cache", "prune", "--older-than", "15"]),
    ];
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toMatch(/6 items, 336 B\nbase +items +size +last used +id\ntiny +1 /);
    expect(JSON.parse(json.stdout)).toMatchObject({
      folder,
      sets: [{ id: "new" }, { id: "older", items: 2 }, { id: "oldest" }],
    });
    expect(removed.stdout).toBe("Removed 3 items, 160 B.\n");
    expect(await ids(folder)).toEqual(["new", "older"]);
    expect((await engraftHere(["cache", "prune", "--max-size", "-1"])).code).toBe(2);
    expect((await engraftHere(["cache", "prune", "--json"])).stdout).toContain('"removed":[{');
    expect((await engraftHere(["cache"])).stdout).toMatch(/0 items, 0 B\n$/);
  });
});

it("the folder is the user's choice, else the cache folder of the system", () => {
  expect(cacheFolder({ ENGRAFT_CACHE: "/a" })).toBe("/a");
  expect(cacheFolder({ XDG_CACHE_HOME: "/b" })).toBe(join("/b", "engraft"));
  expect(cacheFolder({})).toMatch(/engraft$/);
});
