import { describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord, itemOf, recordBytes, shardHeader } from "./shard.js";

const item = "0f".repeat(32);
const vector = Float32Array.of(1.5, -2, 0);

describe("a record of a shard", () => {
  it("gives back its item and its vector", () => {
    const record = encodeRecord(item, vector);
    expect(record).toHaveLength(recordBytes(3));
    expect(itemOf(record)).toBe(item);
    expect(decodeRecord(record, 3)).toEqual(vector);
  });

  it("is none where it is cut off, or any of its bytes was changed", () => {
    const record = encodeRecord(item, vector);
    expect(decodeRecord(record.slice(0, -1), 3)).toBeUndefined();
    for (const at of [0, 33, 37, record.length - 1]) {
      const changed = record.slice();
      changed[at]! ^= 1;
      expect(decodeRecord(changed, 3)).toBeUndefined();
    }
  });
});

it("shards of other widths begin otherwise", () => {
  expect(shardHeader(3)).toHaveLength(16);
  expect(shardHeader(3)).not.toEqual(shardHeader(4));
});
