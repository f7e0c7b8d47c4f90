import { expect, it } from "vitest";
import { shorten } from "./shorten.js";

it.each([
  ["", 3, ""],
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["😀😀😀", 3, "😀😀😀"],
  ["😀😀😀😀", 3, "😀😀…"],
  ["a😀😀😀😀", 3, "a😀…"],
])("%j at most %i characters long is %j", (text, length, short) => {
  expect(shorten(text, length)).toBe(short);
});
