import { expect, it } from "vitest";
import { Latest } from "./latest.js";

it("works on one thing at a time, and on the last of what came in the meantime", async () => {
  const done: string[] = [];
  const open: (() => void)[] = [];
  const latest = new Latest<string>(async (given) => {
    await new Promise<void>((resolve) => open.push(resolve));
    done.push(given);
  });
  const all = ["a", "b", "c"].map((given) => latest.give(given));
  expect(open).toHaveLength(1);
  open[0]!();
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  expect(done).toEqual(["a"]);
  open[1]!();
  await Promise.all(all);
  expect(done).toEqual(["a", "c"]);
  const again = latest.give("d");
  open[2]!();
  await again;
  expect(done).toEqual(["a", "c", "d"]);
});
