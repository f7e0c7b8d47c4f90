import { expect, it } from "vitest";
import { classesOf, targetsOf } from "./classes.js";
import type { Dataset, SingleLabelExample } from "./dataset.js";
import { measuredSplit } from "./measured-split.js";

const labels = ["constructor", "ham", "spam"];

it("a class is the position of its label, whatever the label is called", () => {
  expect([...classesOf(labels)]).toEqual([
    ["constructor", 0],
    ["ham", 1],
    ["spam", 2],
  ]);
  const examples = ["spam", "constructor", "toString", "ham"].map((label) => ({ label }));
  expect(targetsOf(examples, labels)).toEqual(Int32Array.of(2, 0, -1, 1));
});

it("what is measured is the test split, else the validation split, else what there is", () => {
  const split = (source: string): SingleLabelExample[] => [
    { source, input: { kind: "text", text: "" }, target: { kind: "single", label: "ham" } },
  ];
  const [train, val, test] = [split("train"), split("val"), split("test")];
  const of = (splits: Dataset["splits"]) =>
    measuredSplit({ modality: "text", labels, splits, skipped: [] });
  expect(of({ train, val, test })).toBe(test);
  expect(of({ train, val })).toBe(val);
  expect(of({ train })).toBe(train);
});
