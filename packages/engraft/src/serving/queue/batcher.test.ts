import { fc, test } from "@fast-check/vitest";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OverloadedError } from "../errors.js";
import { Batcher, type BatchLimits } from "./batcher.js";

/** A batcher of numbers whose batches end when the test says so. Results are the negative numbers. */
function createBatcher(limits: Partial<BatchLimits> = {}) {
  const batches: (readonly number[])[] = [];
  let running = 0;
  let mostRunning = 0;
  const ends: ((error?: Error) => void)[] = [];
  const batcher = new Batcher<number, number>(
    async (items) => {
      batches.push(items);
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      const error = await new Promise<Error | undefined>((resolve) => ends.push(resolve));
      running -= 1;
      if (error) throw error;
      return items.map((item) => -item);
    },
    { maxBatch: 4, maxWait: 0, maxQueue: 10, maxDelay: 60_000, ...limits },
  );
  /** Ends the batch that is running and lets the next one start. */
  async function end(error?: Error): Promise<void> {
    ends.shift()!(error);
    await turn();
  }
  /** Submits a request of some items, for which there must be room. */
  async function submit(items: readonly number[], signal = never()): Promise<number[]> {
    batcher.requireRoom(items.length);
    return batcher.add(items, signal, items);
  }
  return { batcher, submit, batches, end, mostRunning: () => mostRunning };
}

/** Lets everything happen that is only waiting for the event loop. */
async function turn(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

const never = () => new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("batches", () => {
  it("are of what has come together, and of what has come while the last one ran", async () => {
    const { submit, batches, end, mostRunning } = createBatcher();
    const first = [submit([1]), submit([2, 3])];
    await turn();
    const second = [submit([4]), submit([5])];
    await turn();
    expect(batches).toEqual([[1, 2, 3]]);
    await end();
    expect(await Promise.all(first)).toEqual([[-1], [-2, -3]]);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    await end();
    expect(await Promise.all(second)).toEqual([[-4], [-5]]);
    expect(mostRunning()).toBe(1);
  });

  it("may split a request", async () => {
    const { batcher, submit, batches, end } = createBatcher();
    const results = submit([1, 2, 3, 4, 5, 6]);
    await turn();
    expect(batcher.waiting).toBe(2);
    await end();
    await end();
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(await results).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  it("wait for others no longer than they may", async () => {
    const { submit, batches } = createBatcher({ maxWait: 20 });
    void submit([1]);
    await vi.advanceTimersByTimeAsync(15);
    void submit([2]);
    await vi.advanceTimersByTimeAsync(4);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(batches).toEqual([[1, 2]]);
  });

  it("do not wait once they are full", async () => {
    const { submit, batches } = createBatcher({ maxWait: 1000 });
    void submit([1]);
    await vi.advanceTimersByTimeAsync(5);
    void submit([2, 3, 4]);
    await turn();
    expect(batches).toEqual([[1, 2, 3, 4]]);
  });

  it("wait a moment for those who were just answered together", async () => {
    const { submit, batches, end } = createBatcher();
    void submit([1]);
    void submit([2]);
    await vi.advanceTimersByTimeAsync(100);
    await end();
    void submit([3]);
    await vi.advanceTimersByTimeAsync(1);
    void submit([4]);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(batches[1]).toEqual([3, 4]);
    // Who is alone, or comes later, does not wait.
    await vi.advanceTimersByTimeAsync(100);
    await end();
    await vi.advanceTimersByTimeAsync(11);
    void submit([5]);
    await turn();
    expect(batches[2]).toEqual([5]);
    await vi.advanceTimersByTimeAsync(100);
    await end();
    void submit([6]);
    await turn();
    expect(batches[3]).toEqual([6]);
  });

  test.prop([
    fc.array(fc.array(fc.integer(), { maxLength: 5 }), { maxLength: 12 }),
    fc.integer({ min: 1, max: 6 }),
  ])("give everybody their own results", async (requests, maxBatch) => {
    const { batcher, submit, batches, end } = createBatcher({ maxBatch, maxQueue: 100 });
    const answers = Promise.all(requests.map((items) => submit(items)));
    await turn();
    while (batcher.waiting > 0) await end();
    if (batches.length > 0) await end();
    expect(await answers).toEqual(requests.map((items) => items.map((item) => -item)));
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(maxBatch);
  });
});

describe("a full queue", () => {
  it("refuses a request as a whole, and takes it when there is room again", async () => {
    const { batcher, submit, batches, end } = createBatcher({ maxQueue: 3 });
    void submit([1]);
    await turn();
    void submit([2, 3]);
    await expect(submit([4, 5])).rejects.toThrow(OverloadedError);
    expect(batcher.waiting).toBe(2);
    await end();
    void submit([4, 5]);
    await end();
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5]);
  });

  it("says about when it will be empty", async () => {
    const { batcher, submit, end } = createBatcher({ maxBatch: 1, maxQueue: 3 });
    void submit([1]);
    await turn();
    await vi.advanceTimersByTimeAsync(2000);
    void submit([2, 3, 4]);
    await end();
    void submit([5]);
    expect(() => batcher.requireRoom(1)).toThrow(expect.objectContaining({ retryAfter: 6 }));
  });
});

it("a queue that would take too long is full, once a whole batch waits", async () => {
  const { batcher, submit, end } = createBatcher({ maxBatch: 2, maxQueue: 100, maxDelay: 500 });
  void submit([1]);
  await turn();
  await vi.advanceTimersByTimeAsync(300);
  await end();
  void submit([2]);
  await turn();
  // Two wait for 0.6 s, as every item takes 0.3 s.
  void submit([3]);
  expect(() => batcher.requireRoom(1)).not.toThrow();
  void submit([4]);
  expect(() => batcher.requireRoom(1)).toThrow(expect.objectContaining({ retryAfter: 0.6 }));
});

describe("a request that is given up", () => {
  it("leaves the queue at once", async () => {
    const { submit, batches, end } = createBatcher();
    const controller = new AbortController();
    void submit([1]);
    await turn();
    const leaving = submit([2, 3], controller.signal);
    const staying = submit([4]);
    controller.abort(new Error("too late"));
    await expect(leaving).rejects.toThrow("too late");
    await end();
    await end();
    expect(batches).toEqual([[1], [4]]);
    expect(await staying).toEqual([-4]);
  });

  it("does not wait for the batch that it is in", async () => {
    const { batcher, submit, end } = createBatcher();
    const controller = new AbortController();
    const leaving = submit([1], controller.signal);
    const staying = submit([2]);
    await turn();
    controller.abort(new Error("too late"));
    await expect(leaving).rejects.toThrow("too late");
    let settled = false;
    const wait = batcher.settled().then(() => {
      settled = true;
    });
    await turn();
    expect(settled).toBe(false);
    await end();
    await wait;
    expect(await staying).toEqual([-2]);
  });

  it("before it came is not queued", async () => {
    const { batcher, submit } = createBatcher();
    await expect(submit([1], AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(batcher.waiting).toBe(0);
  });
});

it("a batch that fails fails for its own requests only", async () => {
  const { submit, end } = createBatcher();
  const failing = submit([1]);
  await turn();
  const next = submit([2]);
  failing.catch(() => {});
  await end(new Error("broken"));
  await end();
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toEqual([-2]);
});
