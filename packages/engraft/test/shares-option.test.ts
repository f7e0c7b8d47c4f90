import { UsageError } from "@engraft/core/errors";
import { expect, it } from "vitest";
import { sharesGiven } from "../src/cli/options/shares-option.js";

it("shares of labels are read as they are given, whatever the labels are", () => {
  const given = ["spam=0.28", "a=b= 0.5", "__proto__=0.22"];
  expect([...sharesGiven(given)!]).toEqual([
    ["spam", 0.28],
    ["a=b", 0.5],
    ["__proto__", 0.22],
  ]);
  expect(sharesGiven(undefined)).toBeUndefined();
});

it.each([["spam"], ["=0.5"], ["spam="], ["spam=half"]])("%s is refused", (text) => {
  expect(() => sharesGiven([text])).toThrow(UsageError);
});

it("a label cannot have two shares", () => {
  expect(() => sharesGiven(["a=0.5", "a=0.5"])).toThrow(/gives "a" twice/);
});
