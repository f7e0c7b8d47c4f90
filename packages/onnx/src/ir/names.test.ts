import { describe, expect, it } from "vitest";
import { createNameGenerator, nearMatches } from "./names.js";

describe("createNameGenerator", () => {
  it("keeps a free name and numbers a taken one", () => {
    const fresh = createNameGenerator(["x", "x_1"]);
    expect([fresh("y"), fresh("y"), fresh("x"), fresh("x"), fresh("y")]).toEqual([
      "y",
      "y_1",
      "x_2",
      "x_3",
      "y_2",
    ]);
  });

  it("takes names that objects have by nature", () => {
    const fresh = createNameGenerator(["__proto__"]);
    expect([fresh("__proto__"), fresh("constructor")]).toEqual(["__proto___1", "constructor"]);
  });
});

describe("nearMatches", () => {
  const names = ["/layer.0/output", "/layer.1/output", "logits", "pooled_output"];

  it("finds misspelt names, nearest first", () => {
    expect(nearMatches("/layer.1/ouput", names)).toEqual(["/layer.1/output", "/layer.0/output"]);
    expect(nearMatches("Logits", names)).toEqual(["logits"]);
  });

  it("finds names that contain the wanted one", () => {
    expect(nearMatches("pooled", names)).toEqual(["pooled_output"]);
  });

  it("returns nothing when nothing is like it", () => {
    expect(nearMatches("attention", names)).toEqual([]);
  });
});
