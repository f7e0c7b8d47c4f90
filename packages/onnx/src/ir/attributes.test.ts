import { describe, expect, expectTypeOf, it } from "vitest";
import {
  describeNode,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "./attributes.js";
import { createNode, float } from "./build.js";

describe("attribute readers", () => {
  const node = createNode("Gemm", ["a", "b"], ["y"], { transA: 1, alpha: float(2), perm: [1, 0] });

  it("return the value, the fallback, or undefined", () => {
    expect(intAttribute(node, "transA", 0)).toBe(1);
    expect(floatAttribute(node, "alpha", 1)).toBe(2);
    expect(intsAttribute(node, "perm")).toEqual([1, 0]);
    expect(intAttribute(node, "transB", 0)).toBe(0);
    expect(stringAttribute(node, "mode")).toBeUndefined();
    expectTypeOf(intAttribute(node, "transB", 0)).toEqualTypeOf<number>();
    expectTypeOf(intAttribute(node, "transB")).toEqualTypeOf<number | undefined>();
  });

  it("refuse an attribute of another kind and say which node has it", () => {
    expect(() => intAttribute(node, "alpha", 0)).toThrow(
      'Attribute "alpha" of node Gemm "y" has kind float, expected int.',
    );
  });
});

describe("describeNode", () => {
  it("prefers the node's name, then its first output", () => {
    const details = { name: "/fc/Gemm", domain: "com.microsoft" };
    expect(describeNode(createNode("Gemm", [], ["y"], {}, details))).toBe(
      'node com.microsoft.Gemm "/fc/Gemm"',
    );
    expect(describeNode(createNode("Dropout", [], ["", "mask"]))).toBe('node Dropout "mask"');
    expect(describeNode(createNode("Print", [], []))).toBe("node Print");
  });
});
