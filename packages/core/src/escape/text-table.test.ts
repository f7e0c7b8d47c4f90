import { expect, it } from "vitest";
import { textTable } from "./text-table.js";

it("numbers stand at the right, and a cell that is too long widens no other", () => {
  const rows = [
    ["a", "5"],
    ["much longer", "1,000"],
  ];
  expect(textTable(["layer", "weights"], rows, { numbers: [1], widest: 7 })).toEqual([
    "layer    weights",
    "a              5",
    "much longer    1,000",
  ]);
});
