import { UsageError } from "@engraft/core";
import { describe, expect, it } from "vitest";
import { classSharesOf } from "./class-shares.js";

const unlabelled = [{ source: "1", input: { kind: "text", text: "a" } }] as const;
const data = { labels: ["__proto__", "ham", "spam"], unlabelled };

describe("shares of the labels", () => {
  it("are in the order of the labels, and sum to 1", () => {
    const given = new Map([
      ["spam", 0.28],
      ["ham", 0.715],
      ["__proto__", 0.01],
    ]);
    const shares = classSharesOf(given, data)!;
    expect(Array.from(shares, (share) => Number(share.toFixed(4)))).toEqual([0.01, 0.7114, 0.2786]);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(classSharesOf({ a: 0.5, b: 0.5 }, { labels: ["a", "b"], unlabelled })).toEqual(
      Float64Array.of(0.5, 0.5),
    );
    expect(classSharesOf(undefined, data)).toBeUndefined();
  });

  it.each([
    [{ spam: 0.5, ham: 0.5 }, /missing of "__proto__"/],
    [{ spam: 0.5, eggs: 0.5 }, /does not have: "eggs".*"ham", "spam"/],
    [
      new Map([
        ["spam", -0.2],
        ["ham", 1],
        ["__proto__", 0.2],
      ]),
      /that of "spam" is not/,
    ],
    [
      new Map([
        ["spam", Number.NaN],
        ["ham", 1],
        ["__proto__", 0],
      ]),
      /"__proto__", "spam" is not/,
    ],
    [
      new Map([
        ["spam", 0.2],
        ["ham", 0.3],
        ["__proto__", 0.2],
      ]),
      /sum to 0.7, and should sum to 1/,
    ],
  ])("are refused where they are none: %o", (given, message) => {
    expect(() => classSharesOf(given, data)).toThrow(UsageError);
    expect(() => classSharesOf(given, data)).toThrow(message);
  });

  it("are refused where nothing is unlabelled", () => {
    expect(() => classSharesOf({ a: 1 }, { labels: ["a"] })).toThrow(/option unlabelled/);
  });
});
