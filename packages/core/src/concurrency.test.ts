import { setImmediate } from "node:timers/promises";
import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { forEachConcurrent, mapInOrder } from "./concurrency.js";

test.prop([fc.nat(40), fc.integer({ min: 1, max: 8 })])(
  "starts every item once, in order, with no more in progress than the limit",
  async (count, limit) => {
    const started: number[] = [];
    let active = 0;
    let most = 0;
    const items = Array.from({ length: count }, (_, item) => item);
    await forEachConcurrent(items, limit, async (item) => {
      started.push(item);
      most = Math.max(most, ++active);
      for (let turn = 0; turn < item % 3; turn++) await setImmediate();
      active -= 1;
    });
    expect(started).toEqual(items);
    expect(most).toBeLessThanOrEqual(limit);
  },
);

it("after a failure starts nothing more, waits for what is under way, and throws", async () => {
  const started: number[] = [];
  const finished: number[] = [];
  const work = forEachConcurrent([0, 1, 2, 3, 4, 5], 2, async (item) => {
    started.push(item);
    await setImmediate();
    if (item === 2) throw new Error("item 2");
    await setImmediate();
    finished.push(item);
  });
  await expect(work).rejects.toThrow("item 2");
  expect(started.length).toBeLessThan(6);
  expect(finished).toEqual(started.filter((item) => item !== 2));
});

it("stops when it is aborted", async () => {
  const controller = new AbortController();
  const started: number[] = [];
  const work = forEachConcurrent(
    [0, 1, 2, 3],
    1,
    async (item) => {
      started.push(item);
      if (item === 1) controller.abort();
    },
    controller.signal,
  );
  await expect(work).rejects.toThrow(/abort/i);
  expect(started).toEqual([0, 1]);
});

test.prop([fc.nat(20), fc.integer({ min: 1, max: 5 })])(
  "results come in the order of the items, with no more read than the limit",
  async (count, limit) => {
    let read = 0;
    let given = 0;
    const items = function* () {
      for (; read < count; read++) yield read;
    };
    const work = async (item: number): Promise<number> => {
      for (let turn = 0; turn < (7 * item) % 4; turn++) await setImmediate();
      return 10 * item;
    };
    for await (const result of mapInOrder(items(), limit, work)) {
      expect(result).toBe(10 * given);
      expect(read).toBeLessThan(given + limit);
      given += 1;
    }
    expect(given).toBe(count);
  },
);

it("a failure is thrown in its turn", async () => {
  const results: number[] = [];
  const work = async (): Promise<void> => {
    const failing = async (item: number): Promise<number> => {
      if (item === 1) throw new Error("item 1");
      return item;
    };
    for await (const result of mapInOrder([0, 1, 2], 3, failing)) results.push(result);
  };
  await expect(work()).rejects.toThrow("item 1");
  expect(results).toEqual([0]);
});
