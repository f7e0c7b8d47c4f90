import { describe, expect, it } from "vitest";
import { createGraph, createModel, createNode, float, floats } from "./build.js";
import { tensorOf } from "./tensor/tensor-data.js";

describe("createNode", () => {
  it("takes the kind of an attribute from its value", () => {
    const tensor = tensorOf("float32", [1], [1]);
    const graph = createGraph({ nodes: [], outputs: [] });
    const inputs = {
      i: 1,
      f: 0.5,
      s: "x",
      is: [1, 2],
      fs: [1, 0.5],
      ss: ["x"],
      none: [],
      tensor,
      graph,
    };
    const { attributes } = createNode("Op", [], ["y"], {
      ...inputs,
      whole: float(1),
      wholes: floats([1]),
    });
    expect(Array.from(attributes, ([name, { kind }]) => `${name}: ${kind}`)).toEqual([
      "i: int",
      "f: float",
      "s: string",
      "is: ints",
      "fs: floats",
      "ss: strings",
      "none: ints",
      "tensor: tensor",
      "graph: graph",
      "whole: float",
      "wholes: floats",
    ]);
  });
});

describe("createModel", () => {
  it("defaults to opset 17 and IR version 8, and adds other domains", () => {
    const graph = createGraph({ nodes: [], outputs: [] });
    expect(createModel({ graph })).toMatchObject({ irVersion: 8, opsets: new Map([["", 17]]) });
    expect(createModel({ graph, opset: 20, opsets: [["com.microsoft", 1]] }).opsets).toEqual(
      new Map([
        ["", 20],
        ["com.microsoft", 1],
      ]),
    );
  });
});
