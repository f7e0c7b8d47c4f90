import { expect, it } from "vitest";
import { Notices } from "./notices.js";

it("tells each thing once, with the first place and the number of others", () => {
  const notices = new Notices();
  notices.add("a/1.png", "uses little of its range");
  notices.add("d.csv", "is read with the delimiter |");
  notices.add("a/2.png", "uses little of its range");
  notices.add("a/3.png", "uses little of its range");
  const told: string[] = [];
  notices.tell((message) => told.push(message));
  expect(told).toEqual([
    "a/1.png and 2 more: uses little of its range.",
    "d.csv: is read with the delimiter |.",
  ]);
  notices.tell((message) => told.push(message));
  expect(told).toHaveLength(2);
});
