import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { batchByLength, chunk } from "./batches.js";

const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 });

describe("batchByLength", () => {
  test.prop([lengths])("puts every position into exactly one batch", (given) => {
    const positions = batchByLength(given).flat();
    expect(positions.sort((a, b) => a - b)).toEqual([...given.keys()]);
  });

  test.prop([lengths])("gives batches of one length each, longest first, none empty", (given) => {
    const found = batchByLength(given).map((batch) => {
      const [length, ...others] = new Set(batch.map((position) => given[position]!));
      expect(others).toEqual([]);
      return length!;
    });
    expect(found).toEqual([...found].sort((a, b) => b - a));
  });

  test.prop([lengths])("keeps a batch of several rows within 2,048 tokens", (given) => {
    for (const batch of batchByLength(given)) {
      if (batch.length > 1) expect(batch.length * given[batch[0]!]!).toBeLessThanOrEqual(2048);
    }
  });

  it("fills batches", () => {
    expect(batchByLength(Array(512).fill(8)).map(({ length }) => length)).toEqual([256, 256]);
    expect(batchByLength([4096])).toEqual([[0]]);
  });
});

test.prop([fc.array(fc.nat()), fc.integer({ min: 1, max: 9 })])(
  "chunk cuts a list into full runs and a rest",
  (items, size) => {
    const chunks = chunk(items, size);
    expect(chunks.flat()).toEqual(items);
    expect(chunks.slice(0, -1).every(({ length }) => length === size)).toBe(true);
    expect(chunks.every(({ length }) => length > 0 && length <= size)).toBe(true);
  },
);
