import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { OverloadedError } from "../errors.js";
import { ImageQueue, type Place } from "./image-queue.js";

const MEMORY = 400e6;
const SMALL = 10e6;
const LARGE = 100e6;

function createQueue({ threads = 2, maxQueue = 1000 } = {}) {
  const queue = new ImageQueue({ threads, maxQueue, maxBatch: 4, maxDelay: 600 });
  queue.setMemory(MEMORY);
  return queue;
}

const never = () => new AbortController().signal;

/** The places that are there by now. */
async function placesOf(promises: readonly Promise<Place>[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const promise of promises) {
    promise.then(
      (place) => places.push(place),
      () => {},
    );
  }
  await new Promise((resolve) => setImmediate(resolve));
  return places;
}

function repeated(cost: number, count: number): number[] {
  return Array.from({ length: count }, () => cost);
}

describe("large images", () => {
  it("are decoded as many at once as there are threads", async () => {
    const queue = createQueue();
    const promises = queue.enter(repeated(LARGE, 5), never());
    const first = await placesOf(promises);
    expect(first.map(({ isLarge }) => isLarge)).toEqual([true, true]);
    expect(queue.waiting).toBe(3);
    first[0]!.leave();
    expect(await placesOf(promises)).toHaveLength(3);
  });

  it("are decoded one after another where there is memory for one", async () => {
    const queue = createQueue();
    const promises = queue.enter([queue.maxCost, queue.maxCost], never());
    const [place] = await placesOf(promises);
    expect(queue.waiting).toBe(1);
    // What is left of it is in the way, too, until it is answered.
    place!.decoded(1e6);
    expect(await placesOf(promises)).toHaveLength(1);
    place!.leave();
    expect(await placesOf(promises)).toHaveLength(2);
  });

  it("are not in the way of small ones", async () => {
    const queue = createQueue();
    void queue.enter(repeated(LARGE, 64), never());
    expect(await placesOf(queue.enter([SMALL], never()))).toHaveLength(1);
    expect(() => queue.requireRoom(1)).not.toThrow();
  });

  it("of a new request come before the rest of another", async () => {
    const queue = createQueue({ threads: 1 });
    const many = queue.enter(repeated(LARGE, 8), never());
    const one = queue.enter([LARGE], never());
    const [first] = await placesOf(many);
    first!.leave();
    // The second of the many had the same right to be next.
    const [second] = (await placesOf(many)).slice(1);
    second?.leave();
    expect(await placesOf(one)).toHaveLength(1);
  });
});

it("images of a request that is given up leave, and give way to others", async () => {
  const queue = createQueue({ threads: 1 });
  const controller = new AbortController();
  const abandoned = queue.enter(repeated(LARGE, 8), controller.signal);
  const [running] = await placesOf(abandoned);
  const staying = queue.enter([LARGE], never());
  controller.abort(new Error("gone"));
  await expect(abandoned[7]).rejects.toThrow("gone");
  expect(queue.waiting).toBe(1);
  running!.leave();
  expect(await placesOf(staying)).toHaveLength(1);
  const late = queue.enter([LARGE], controller.signal);
  await expect(late[0]).rejects.toThrow("gone");
});

it("more images than may wait are refused", () => {
  const queue = createQueue({ maxQueue: 8 });
  void queue.enter(repeated(LARGE, 8), never());
  expect(() => queue.requireRoom(2)).not.toThrow();
  expect(() => queue.requireRoom(3)).toThrow(OverloadedError);
});

test.prop([
  fc.array(fc.array(fc.integer({ min: 1e6, max: 300e6 }), { maxLength: 6 }), { maxLength: 6 }),
  fc.infiniteStream(fc.nat()),
])(
  "no more memory is taken than there is, and everybody has a place in the end",
  async (requests, choices) => {
    const queue = createQueue();
    const open: { place: Place; cost: number }[] = [];
    let served = 0;
    for (const costs of requests) {
      for (const [index, promise] of queue.enter(costs, never()).entries()) {
        void promise.then((place) => open.push({ place, cost: costs[index]! }));
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
    while (open.length > 0) {
      expect(open.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(MEMORY);
      const [next] = open.splice(choices.next().value! % open.length, 1);
      served += 1;
      next!.place.leave();
      next!.place.leave();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(served).toBe(requests.flat().length);
  },
);
