import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { findOpenTypes } from "./check-entries.mjs";

const folder = fileURLToPath(new URL("fixtures/entries/", import.meta.url));

it("finds what the signatures of an entry name and it does not export, and nothing else", () => {
  const [open, closed] = ["open.ts", "closed.ts"].map((name) => `${folder}${name}`);
  const found = findOpenTypes([open, closed], folder);
  const notExported = (sentence) => `${sentence}, which the entry does not export`;
  expect(new Set(found.get(open))).toEqual(
    new Set(
      [
        "Child names Inherited",
        "Mapped names Named",
        "take names Named",
        "take throws PartError",
        "things.make names Named",
      ].map(notExported),
    ),
  );
  expect(found.get(closed)).toEqual([]);
});
