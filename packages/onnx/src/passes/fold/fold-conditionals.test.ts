import { describe, expect, test } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../../ir/build.js";
import type { Graph, Model, Node } from "../../ir/graph.js";
import { printGraph } from "../../ir/print.js";
import { scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import { verify } from "../../verify/verify.js";
import { foldConstants } from "./fold-constants.js";

const branch = (name: string, nodes: readonly Node[], output: string): Graph =>
  createGraph({
    name,
    nodes,
    outputs: [valueInfo(output, "float32")],
    initializers: [["two", scalarOf("float32", 2)]],
  });

/** `If` on whether axis 1 of the input has size 1, as TorchScript exports `squeeze`. */
function squeezeIf(input: string, output: string, prefix: string): Node[] {
  return [
    createNode("Shape", [input], [`${prefix}shape`]),
    createNode("Gather", [`${prefix}shape`, "one"], [`${prefix}size`]),
    createNode("Equal", [`${prefix}size`, "one"], [`${prefix}flag`]),
    createNode("If", [`${prefix}flag`], [output], {
      then_branch: branch("then", [createNode("Squeeze", [input, "axes"], ["inner"])], "inner"),
      else_branch: branch("else", [createNode("Mul", [input, "two"], ["inner"])], "inner"),
    }),
  ];
}

function modelOf(size: number | string, nodes: readonly Node[]): Model {
  const graph = createGraph({
    inputs: [valueInfo("x", "float32", ["batch", size, 4])],
    nodes,
    outputs: [valueInfo("y", "float32")],
    initializers: [
      ["one", scalarOf("int64", 1)],
      ["axes", tensorOf("int64", [1], [1])],
    ],
  });
  return createModel({ graph });
}

describe("If with a condition that is known", () => {
  test("becomes the branch that it takes, and the output keeps its name", () => {
    expect(printGraph(foldConstants(modelOf(1, squeezeIf("x", "y", ""))).graph)).toBe(
      `graph graph(x: float32[batch, 1, 4]) -> (y: float32[batch, 4])
  axes: int64[1] = [1]
  y = Squeeze(x, axes)`,
    );
    expect(printGraph(foldConstants(modelOf(3, squeezeIf("x", "y", ""))).graph)).toBe(
      `graph graph(x: float32[batch, 3, 4]) -> (y: float32[batch, 3, 4])
  two: float32[] = [2]
  y = Mul(x, two)`,
    );
  });

  test("names that several branches share are kept apart", () => {
    const nodes = [
      ...squeezeIf("x", "a", "first"),
      ...squeezeIf("x", "b", "second"),
      createNode("Add", ["a", "b"], ["y"]),
    ];
    const folded = foldConstants(modelOf(3, nodes));
    verify(folded);
    expect(folded.graph.nodes.map(({ opType }) => opType)).toEqual(["Mul", "Mul", "Add"]);
    expect(folded.graph.initializers.size).toBe(2);
  });

  test("may stand inside a branch that is taken", () => {
    const inner = squeezeIf("x", "b", "inner");
    const nodes = [
      createNode("Constant", [], ["always"], { value: scalarOf("bool", 1) }),
      createNode("If", ["always"], ["y"], {
        then_branch: branch("then", inner, "b"),
        else_branch: branch("else", [createNode("Relu", ["x"], ["c"])], "c"),
      }),
    ];
    const folded = foldConstants(modelOf(1, nodes));
    verify(folded);
    expect(folded.graph.nodes.map(({ opType }) => opType)).toEqual(["Squeeze"]);
  });

  test("is only taken when it is known", () => {
    const model = modelOf("channels", squeezeIf("x", "y", ""));
    expect(foldConstants(model).graph.nodes.map(({ opType }) => opType)).toContain("If");
    const bound = foldConstants(model, { dims: { channels: 1 } });
    expect(bound.graph.nodes.map(({ opType }) => opType)).toEqual(["Squeeze"]);
  });

  test("constants inside a branch that stays are folded too", () => {
    const nodes = [
      createNode("ReduceSum", ["x"], ["sum"], { keepdims: 0 }),
      createNode("Greater", ["sum", "limit"], ["flag"]),
      createNode("If", ["flag"], ["y"], {
        then_branch: branch(
          "then",
          [
            createNode("Add", ["two", "two"], ["four"]),
            createNode("Identity", ["x"], ["same"]),
            createNode("Mul", ["same", "four"], ["b"]),
          ],
          "b",
        ),
        else_branch: branch("else", [createNode("Relu", ["x"], ["c"])], "c"),
      }),
    ];
    const model = modelOf(3, nodes);
    const limit = new Map(model.graph.initializers).set("limit", scalarOf("float32", 0));
    const folded = foldConstants({ ...model, graph: { ...model.graph, initializers: limit } });
    verify(folded);
    const then = folded.graph.nodes.at(-1)!.attributes.get("then_branch");
    expect(
      then?.kind === "graph" && then.value.nodes.map(({ opType, inputs }) => [opType, ...inputs]),
    ).toEqual([["Mul", "x", "four"]]);
  });
});
