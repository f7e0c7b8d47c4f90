import { fc, test } from "@fast-check/vitest";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Batcher, type BatchLimits, QueueFullError } from "../src/server/queue/batcher.js";

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
  return { batcher, batches, end, mostRunning: () => mostRunning };
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
    const { batcher, batches, end, mostRunning } = createBatcher();
    const first = [batcher.submit([1], never()), batcher.submit([2, 3], never())];
    await turn();
    const second = [batcher.submit([4], never()), batcher.submit([5], never())];
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
    const { batcher, batches, end } = createBatcher();
    const results = batcher.submit([1, 2, 3, 4, 5, 6], never());
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
    const { batcher, batches } = createBatcher({ maxWait: 20 });
    void batcher.submit([1], never());
    await vi.advanceTimersByTimeAsync(15);
    void batcher.submit([2], never());
    await vi.advanceTimersByTimeAsync(4);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(batches).toEqual([[1, 2]]);
  });

  it("do not wait once they are full", async () => {
    const { batcher, batches } = createBatcher({ maxWait: 1000 });
    void batcher.submit([1], never());
    await vi.advanceTimersByTimeAsync(5);
    void batcher.submit([2, 3, 4], never());
    await turn();
    expect(batches).toEqual([[1, 2, 3, 4]]);
  });

  it("wait a moment for those who were just answered together", async () => {
    const { batcher, batches, end } = createBatcher();
    void batcher.submit([1], never());
    void batcher.submit([2], never());
    await vi.advanceTimersByTimeAsync(100);
    await end();
    void batcher.submit([3], never());
    await vi.advanceTimersByTimeAsync(1);
    void batcher.submit([4], never());
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(batches[1]).toEqual([3, 4]);
    // Who is alone, or comes later, does not wait.
    await vi.advanceTimersByTimeAsync(100);
    await end();
    await vi.advanceTimersByTimeAsync(11);
    void batcher.submit([5], never());
    await turn();
    expect(batches[2]).toEqual([5]);
    await vi.advanceTimersByTimeAsync(100);
    await end();
    void batcher.submit([6], never());
    await turn();
    expect(batches[3]).toEqual([6]);
  });

  test.prop([
    fc.array(fc.array(fc.integer(), { maxLength: 5 }), { maxLength: 12 }),
    fc.integer({ min: 1, max: 6 }),
  ])("give everybody their own results", async (requests, maxBatch) => {
    const { batcher, batches, end } = createBatcher({ maxBatch, maxQueue: 100 });
    const answers = Promise.all(requests.map((items) => batcher.submit(items, never())));
    await turn();
    while (batcher.waiting > 0) await end();
    if (batches.length > 0) await end();
    expect(await answers).toEqual(requests.map((items) => items.map((item) => -item)));
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(maxBatch);
  });
});

describe("a full queue", () => {
  it("refuses a request as a whole, and takes it when there is room again", async () => {
    const { batcher, batches, end } = createBatcher({ maxQueue: 3 });
    void batcher.submit([1], never());
    await turn();
    void batcher.submit([2, 3], never());
    await expect(batcher.submit([4, 5], never())).rejects.toThrow(QueueFullError);
    expect(batcher.waiting).toBe(2);
    await end();
    void batcher.submit([4, 5], never());
    await end();
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5]);
  });

  it("says about when it will be empty", async () => {
    const { batcher, end } = createBatcher({ maxBatch: 1, maxQueue: 3 });
    void batcher.submit([1], never());
    await turn();
    await vi.advanceTimersByTimeAsync(2000);
    void batcher.submit([2, 3, 4], never());
    await end();
    void batcher.submit([5], never());
    expect(() => batcher.requireRoom(1)).toThrow(expect.objectContaining({ retryAfter: 6 }));
  });
});

it("a queue that would take too long is full, once a whole batch waits", async () => {
  const { batcher, end } = createBatcher({ maxBatch: 2, maxQueue: 100, maxDelay: 500 });
  void batcher.submit([1], never());
  await turn();
  await vi.advanceTimersByTimeAsync(300);
  await end();
  void batcher.submit([2], never());
  await turn();
  // Two wait for 0.6 s, as every item takes 0.3 s.
  void batcher.submit([3], never());
  expect(() => batcher.requireRoom(1)).not.toThrow();
  void batcher.submit([4], never());
  expect(() => batcher.requireRoom(1)).toThrow(expect.objectContaining({ retryAfter: 0.6 }));
});

describe("a request that is given up", () => {
  it("leaves the queue at once", async () => {
    const { batcher, batches, end } = createBatcher();
    const controller = new AbortController();
    void batcher.submit([1], never());
    await turn();
    const leaving = batcher.submit([2, 3], controller.signal);
    const staying = batcher.submit([4], never());
    controller.abort(new Error("too late"));
    await expect(leaving).rejects.toThrow("too late");
    await end();
    await end();
    expect(batches).toEqual([[1], [4]]);
    expect(await staying).toEqual([-4]);
  });

  it("does not wait for the batch that it is in", async () => {
    const { batcher, end } = createBatcher();
    const controller = new AbortController();
    const leaving = batcher.submit([1], controller.signal);
    const staying = batcher.submit([2], never());
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
    const { batcher } = createBatcher();
    await expect(batcher.submit([1], AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(batcher.waiting).toBe(0);
  });
});

it("a batch that fails fails for its own requests only", async () => {
  const { batcher, end } = createBatcher();
  const failing = batcher.submit([1], never());
  await turn();
  const next = batcher.submit([2], never());
  failing.catch(() => {});
  await end(new Error("broken"));
  await end();
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toEqual([-2]);
});
