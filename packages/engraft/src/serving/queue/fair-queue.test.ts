import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { FairQueue } from "./fair-queue.js";

/** The order in which all is served. */
function drain<T>(queue: FairQueue<T>): T[] {
  const taken: T[] = [];
  while (queue.size > 0) taken.push(queue.take()!);
  return taken;
}

/** A queue in which some flows, by name, have items of some costs. */
function queueOf(flows: Readonly<Record<string, readonly number[]>>) {
  const queue = new FairQueue<string>();
  const senders = new Map(Object.keys(flows).map((name) => [name, {}]));
  for (const [name, costs] of Object.entries(flows)) {
    for (const cost of costs) queue.add(senders.get(name)!, name, cost);
  }
  return { queue, senders };
}

describe("what is served first", () => {
  it("is taken by turns from flows of equal items", () => {
    const { queue } = queueOf({ a: [1, 1, 1], b: [1, 1], c: [1] });
    expect(drain(queue).join("")).toBe("abcaba");
  });

  it("is cheap before dear, and a new flow before the rest of an old one", () => {
    const { queue } = queueOf({ dear: [100, 100, 100] });
    queue.take();
    queue.add({}, "cheap", 1);
    expect(drain(queue)).toEqual(["cheap", "dear", "dear"]);
  });

  it("is a dear item at last, however many cheap ones come", () => {
    const { queue } = queueOf({ dear: [100] });
    let served = 0;
    for (let next = ""; next !== "dear"; served += 1) {
      queue.add({}, "cheap", 1);
      next = queue.take()!;
    }
    expect(served).toBeLessThan(250);
  });
});

it("what a flow has in the queue can be dropped", () => {
  const { queue, senders } = queueOf({ a: [1, 2], b: [3] });
  expect(queue.drop(senders.get("a")!)).toEqual(["a", "a"]);
  expect([queue.size, queue.cost]).toEqual([1, 3]);
  expect(queue.drop({})).toEqual([]);
  expect(drain(queue)).toEqual(["b"]);
});

it("who comes now is behind all who sent one item each, and before the rest of one who sent many", () => {
  const singles = queueOf({ a: [1], b: [1], c: [1] });
  expect(singles.queue.ahead()).toEqual({ items: 3, cost: 3 });
  const many = queueOf({ a: [1, 1, 1, 1], b: [1] });
  expect(many.queue.ahead()).toEqual({ items: 2, cost: 2 });
  expect(new FairQueue().ahead()).toEqual({ items: 0, cost: 0 });
});

const flows = fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 8 }), {
  minLength: 1,
  maxLength: 6,
});

test.prop([flows])("all is served once, in the order of its flow", (costs) => {
  const queue = new FairQueue<string>();
  const expected = costs.map((flow, sender) => flow.map((_, index) => `${sender}.${index}`));
  for (const [sender, flow] of costs.entries()) {
    const key = {};
    for (const [index, cost] of flow.entries()) queue.add(key, `${sender}.${index}`, cost);
  }
  const taken = drain(queue);
  for (const [sender, items] of expected.entries()) {
    expect(taken.filter((item) => item.startsWith(`${sender}.`))).toEqual(items);
  }
  expect([queue.size, queue.cost]).toEqual([0, 0]);
});
