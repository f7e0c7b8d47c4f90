import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.js";

/** The same value with the keys of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, field]) => [key, reversed(field)]));
}

test.prop([fc.jsonValue({ maxDepth: 4 })])("says the same as JSON", (value) => {
  expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
});

test.prop([fc.jsonValue({ maxDepth: 4 })])("does not depend on the order of keys", (value) => {
  expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
});

test.prop([fc.jsonValue(), fc.jsonValue()])("differs where values differ", (a, b) => {
  fc.pre(JSON.stringify(a) !== JSON.stringify(b));
  if (canonicalJson(a) === canonicalJson(b)) expect(a).toEqual(b);
});

it("leaves out undefined fields, and has no white space", () => {
  expect(canonicalJson({ b: [1, "x y"], a: undefined, A: null })).toBe('{"A":null,"b":[1,"x y"]}');
});
