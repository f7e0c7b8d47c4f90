import { describe, expect, it } from "vitest";
import { patternProblem } from "./pattern-safety.js";

describe("patterns", () => {
  it.each([
    String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}]*[\p{Ll}\p{Lm}]+(?i:'s|'t|'re)?|\p{N}{1,3}`,
    String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+`,
    " {2,}",
    String.raw`\d(?=(?:\d{3})+$)`,
    "(?:abc)+",
    "[[:alpha:]]+",
  ])("of published kinds are used: %s", (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });

  it.each([
    ["(a+)+$", /several ways/],
    ["(?:a*)*b", /several ways/],
    ["(a|a)*b", /several ways/],
    ["(?<x>a?){20,}b", /several ways/],
    ["((ab|a)(b|c)){2}", /several ways/],
    ["(?:(?:a{1,9})){3,}", /several ways/],
    [String.raw`([^"\\]|\\.)*"`, /several ways/],
    [String.raw`(a)\1`, /refers back/],
    [String.raw`(?<n>a)\k<n>`, /refers back/],
    ["a*a*a*b", /repetitions in a row/],
    ["(a*)(a*)(a{0,1000})b", /repetitions in a row/],
    ["(a", /open/],
    ["a)", /not opened/],
  ])("that may take very long are not: %s", (pattern, problem) => {
    expect(patternProblem(pattern)).toMatch(problem);
  });
});
