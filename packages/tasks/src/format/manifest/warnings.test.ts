import { describe, expect, it } from "vitest";
import { unlikeWarning } from "./warnings.js";

const unlabelled = (share: number, standardError: number) => ({
  given: 500,
  copies: 0,
  used: true,
  unlike: { share, standardError },
});

describe("the warning that unlabelled examples look unlike the labelled ones", () => {
  it("comes where they surely are the larger part", () => {
    expect(unlikeWarning(unlabelled(0.97, 0.31))).toMatch(
      /^About 97 % of the unlabelled examples look/,
    );
    expect(unlikeWarning(unlabelled(0.62, 0.11))).toContain("standard error 11 %");
  });

  it("does not come where that may be chance, where they are the smaller part, or where nothing is known", () => {
    expect(unlikeWarning(unlabelled(0.74, 0.31))).toBeUndefined();
    expect(unlikeWarning(unlabelled(0.45, 0.02))).toBeUndefined();
    expect(unlikeWarning(undefined)).toBeUndefined();
    expect(unlikeWarning({ given: 3, copies: 0, used: false })).toBeUndefined();
  });
});
