import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { windows } from "./windows.js";

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

describe("windows", () => {
  test.prop([fc.array(fc.integer(), { maxLength: 50 }), fc.integer({ min: 1, max: 9 })])(
    "keeps every item in order, in windows that are full but for the last",
    async (items, size) => {
      const found = await collect(windows(items, size));
      expect(found.flat()).toEqual(items);
      for (const window of found.slice(0, -1)) expect(window).toHaveLength(size);
    },
  );

  it("hands over what it has when the source goes quiet", async () => {
    let wake = (): void => {};
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      yield 3;
    }
    const found = windows(slow(), 10);
    expect((await found.next()).value).toEqual([1, 2]);
    wake();
    expect((await found.next()).value).toEqual([3]);
    expect((await found.next()).done).toBe(true);
  });

  it("passes an error of the source on, after what came before it", async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error("the source broke");
    }
    await expect(collect(windows(failing(), 10))).rejects.toThrow("the source broke");
  });

  it("does not wait for a silent source when its reader stops", async () => {
    async function* silent(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => {});
    }
    const found = windows(silent(), 1);
    expect((await found.next()).value).toEqual([1]);
    await expect(found.return(undefined)).resolves.toEqual({ done: true, value: undefined });
  });
});
