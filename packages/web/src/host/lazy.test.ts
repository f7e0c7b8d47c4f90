import { expect, it } from "vitest";
import { Lazy } from "./lazy.js";

it("a value is made once, and made anew where that failed or it was taken", async () => {
  let made = 0;
  const lazy = new Lazy(async () => {
    made += 1;
    if (made === 1) throw new Error("no memory");
    return made;
  });
  expect(lazy.take()).toBeUndefined();
  const failed = [lazy.get(), lazy.get()];
  expect(await Promise.allSettled(failed)).toMatchObject(Array(2).fill({ status: "rejected" }));
  expect(await Promise.all([lazy.get(), lazy.get()])).toEqual([2, 2]);
  expect(await lazy.take()).toBe(2);
  expect(await lazy.get()).toBe(3);
});

it("a value that is there already is not made", async () => {
  const lazy = new Lazy(() => Promise.reject(new Error("made")), "given");
  expect(await lazy.get()).toBe("given");
});
