import { describe, expect, it } from "vitest";
import { brokenImage, countingPlatform, imageBase, imageOf } from "../../test/tiny-bases.js";
import type { Input } from "../dataset/dataset.js";
import { DataError } from "../errors.js";
import type { FeatureCache } from "./cache.js";
import { openMemoryCache } from "./cache.js";
import { allColumns, COLOR_HISTOGRAM, totalWidth } from "./columns.js";
import { type Extraction, type ExtractOptions, extractFeatures, featureSetKey } from "./extract.js";
import { selectFeatures } from "./table.js";

const columns = allColumns(imageBase.spec);

/** Different images, more than one batch of them. */
const images = Array.from({ length: 20 }, (_, n) => imageOf(n, 2 * n, 7, 100 - n));

/** One cache that outlives its closing, as a cache on disk does. */
async function lastingCache(): Promise<{ options: ExtractOptions; items: Set<string> }> {
  const memory = await openMemoryCache("", 0);
  const items = new Set<string>();
  const cache: FeatureCache = {
    ...memory,
    write(item, features) {
      items.add(item);
      return memory.write(item, features);
    },
  };
  return { options: { openCache: () => Promise.resolve(cache) }, items };
}

function extract(
  inputs: readonly Input[],
  options: ExtractOptions = { openCache: openMemoryCache },
  wanted = columns,
  platform = countingPlatform(),
): Promise<Extraction> {
  return extractFeatures(imageBase, wanted, inputs, platform, options);
}

const rowOf = ({ table: { matrix } }: Extraction, row: number) =>
  matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols);

describe("extractFeatures", () => {
  it("gives one row per input, the same as alone", async () => {
    const together = await extract(images);
    expect(together.table.matrix).toMatchObject({ rows: 20, cols: totalWidth(columns) });
    expect(together.computed).toBe(20);
    for (const row of [0, 11, 19]) {
      const alone = await extract([images[row]!]);
      expect(rowOf(together, row)).toEqual(rowOf(alone, 0));
    }
  });

  it("gives back the columns that are to be kept alone, and caches all", async () => {
    const { options } = await lastingCache();
    const kept = [columns.at(-1)!, columns[0]!];
    const rows = Int32Array.from(images.keys());
    const few = await extract(images, { ...options, kept });
    const all = await extract(images, options);
    expect(few.computed).toBe(20);
    expect(all.computed).toBe(0);
    expect(few.table.columns).toEqual(kept);
    expect(few.table.matrix).toEqual(selectFeatures(all.table, kept, rows));
  });

  it("gives any choice of columns the same values", async () => {
    const all = await extract(images);
    for (const column of columns) {
      const { table } = await extract(images, undefined, [column]);
      const rows = Int32Array.from(images.keys());
      expect(table.matrix).toEqual(selectFeatures(all.table, [column], rows));
    }
  });

  it("adds the colours of the image, which no layer knows", async () => {
    const { table } = await extract(images, undefined, [...columns, COLOR_HISTOGRAM]);
    const colours = selectFeatures(table, [COLOR_HISTOGRAM], Int32Array.of(5));
    expect(colours.cols).toBe(64);
    expect([...colours.data].indexOf(1)).toBe(5);
    expect(rowOf(await extract([images[5]!]), 0)).toEqual(
      table.matrix.data.subarray(5 * table.matrix.cols, 6 * table.matrix.cols - 64),
    );
  });

  it("computes equal inputs once and fills the row of each", async () => {
    const platform = countingPlatform();
    const inputs = [images[3]!, images[4]!, imageOf(3, 6, 7, 97), images[3]!];
    const result = await extract(inputs, undefined, columns, platform);
    expect(result.computed).toBe(2);
    expect(platform.decoded).toBe(2);
    expect(rowOf(result, 2)).toEqual(rowOf(result, 0));
    expect(rowOf(result, 3)).toEqual(rowOf(result, 0));
    expect(rowOf(result, 1)).not.toEqual(rowOf(result, 0));
    expect(result.digests[2]).toBe(result.digests[0]);
  });

  it("computes nothing the second time, and then gives the same bytes", async () => {
    const { options } = await lastingCache();
    const first = await extract(images, options);
    const platform = countingPlatform();
    const second = await extract([...images, imageOf(99)], options, columns, platform);
    expect(second.computed).toBe(1);
    expect(platform.decoded).toBe(1);
    expect(second.table.matrix.data.subarray(0, first.table.matrix.data.length)).toEqual(
      first.table.matrix.data,
    );
  });

  it("reports every input as it is done", async () => {
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      expect(total).toBe(20);
      seen.push(done);
    };
    await extract(images, { openCache: openMemoryCache, onProgress });
    expect(seen.at(-1)).toBe(20);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it("gives an empty table for no inputs", async () => {
    const platform = countingPlatform();
    const { table, computed } = await extract([], undefined, columns, platform);
    expect([table.matrix.rows, computed, platform.runs]).toEqual([0, 0, 0]);
  });
});

describe("inputs that cannot be decoded", () => {
  it("are reported in order, with zeros as features, while the others go on", async () => {
    const inputs = [images[0]!, brokenImage, images[1]!, brokenImage];
    const result = await extract(inputs);
    expect(result.unreadable.map(({ position }) => position)).toEqual([1, 3]);
    expect(result.unreadable[0]!.error).toBeInstanceOf(DataError);
    expect(rowOf(result, 1).every((value) => value === 0)).toBe(true);
    expect(rowOf(result, 2)).toEqual(rowOf(await extract([images[1]!]), 0));
    expect(result.computed).toBe(2);
  });

  it("are not kept in the cache", async () => {
    const { options, items } = await lastingCache();
    await extract([brokenImage, images[0]!], options);
    expect(items.size).toBe(1);
  });

  it("may all be of that kind", async () => {
    const { unreadable, computed } = await extract(Array(10).fill(brokenImage));
    expect([unreadable.length, computed]).toEqual([10, 0]);
  });

  it("may have vanished since they were listed", async () => {
    const gone: Input = {
      kind: "image",
      read: () => Promise.reject(new DataError("data/unreadable", "a.jpg: does not exist.")),
    };
    const result = await extract([images[0]!, gone, images[1]!]);
    expect(result.unreadable.map(({ position }) => position)).toEqual([1]);
    expect(rowOf(result, 2)).toEqual(rowOf(await extract([images[1]!]), 0));
  });
});

it("an signal stops the pass and keeps what was computed", async () => {
  const { options, items } = await lastingCache();
  const many = Array.from({ length: 100 }, (_, n) => imageOf(n, 1));
  const controller = new AbortController();
  let closed = false;
  const aborted = extract(many, {
    openCache: async (...parameters) => {
      const cache = await options.openCache(...parameters);
      return {
        ...cache,
        close: () => {
          closed = true;
          return cache.close();
        },
      };
    },
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done === 10) controller.abort();
    },
  });
  await expect(aborted).rejects.toThrow(/abort/i);
  expect(closed).toBe(true);
  expect(items.size).toBeGreaterThanOrEqual(10);
  expect(items.size).toBeLessThan(100);

  const before = items.size;
  expect((await extract(many, options)).computed).toBe(100 - before);
});

it("the key of a feature set depends on all that its vectors depend on", async () => {
  const platform = countingPlatform();
  const { spec } = imageBase;
  const { preprocessing } = spec;
  if (preprocessing.kind !== "image") throw new Error("not a base for images");
  const cropped = { ...spec, preprocessing: { ...preprocessing, centerCrop: 1 } };
  const keys = await Promise.all([
    featureSetKey(imageBase, columns, platform),
    featureSetKey(imageBase, columns.slice(1), platform),
    featureSetKey({ ...imageBase, digest: "another" }, columns, platform),
    featureSetKey({ ...imageBase, spec: cropped }, columns, platform),
  ]);
  expect(new Set(keys).size).toBe(4);
  expect(await featureSetKey(imageBase, [...columns], platform)).toBe(keys[0]);
});
