import { describe, expect, test } from "vitest";
import { expectSameFunction, modelOf, noise } from "../../../test/same-function.js";
import { createNode } from "../../ir/build.js";
import type { Model, Node } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import { unshareInitializers } from "./unshare-initializers.js";

const zeros = tensorOf("float32", [4], [0, 0, 0, 0]);
const x = noise([2, 4]);
const [w1, w2] = [noise([4, 4], 1), noise([4, 4], 2)];

/** `name` is the path of a layer that multiplies by a matrix and adds a vector. */
function dense(input: string, name: string, weight: string, bias: string, output: string): Node[] {
  const product = `${output}_product`;
  return [
    createNode("MatMul", [input, weight], [product], {}, { name: name && `${name}/MatMul` }),
    createNode("Add", [product, bias], [output], {}, { name: name && `${name}/Add` }),
  ];
}

/** What the nodes of an operator read at `index`. */
function read({ graph }: Model, opType: string, index = 1): string[] {
  return graph.nodes.filter((node) => node.opType === opType).map(({ inputs }) => inputs[index]!);
}

function parts(nodes: readonly Node[], constants: Record<string, Tensor>) {
  return { nodes, feeds: { x }, constants };
}

describe("unshareInitializers", () => {
  test("gives layers with scopes their own vectors, named after them", async () => {
    const nodes = [
      ...dense("x", "/net/a", "w1", "/net/a.bias", "h"),
      ...dense("h", "/net/b", "w2", "/net/a.bias", "y"),
    ];
    const model = await expectSameFunction(
      parts(nodes, { w1, w2, "/net/a.bias": zeros }),
      unshareInitializers,
    );
    expect(read(model, "Add")).toEqual(["/net/a.bias", "/net/b.bias"]);
    const { initializers } = model.graph;
    expect(initializers.get("/net/b.bias")!.data).not.toBe(initializers.get("/net/a.bias")!.data);
  });

  test("tells layers without names apart by their matrices", () => {
    const nodes = [...dense("x", "", "w1", "zeros", "h"), ...dense("h", "", "w2", "zeros", "y")];
    const model = unshareInitializers(modelOf(parts(nodes, { w1, w2, zeros })));
    expect(read(model, "Add")).toEqual(["zeros", "zeros_1"]);
  });

  test.for([
    ["without names", "", ""],
    ["with a mark for the second call", "/net/layer", "/net/layer_1"],
  ] as const)("keeps a layer that is applied twice one layer: %s", ([, first, second]) => {
    const nodes = [
      ...dense("x", first, "w1", "zeros", "h"),
      ...dense("h", second, "w1", "zeros", "y"),
    ];
    const model = modelOf(parts(nodes, { w1, zeros }));
    expect(unshareInitializers(model)).toBe(model);
  });

  test("reads the modules that the dynamo exporter writes down", () => {
    const called = (node: Node, path: string): Node => ({
      ...node,
      metadata: new Map([["namespace", `: Net/${path}: Norm/layer_norm: aten.layer_norm.default`]]),
    });
    const norm = (input: string, path: string, output: string) =>
      called(createNode("LayerNormalization", [input, "zeros", "zeros"], [output]), path);
    const nodes = [norm("x", "norm1", "h"), norm("h", "norm2", "k"), norm("k", "norm2@1", "y")];
    const model = unshareInitializers(modelOf(parts(nodes, { zeros })));
    expect(read(model, "LayerNormalization", 1)).toEqual(["zeros", "norm2.weight", "norm2.weight"]);
    expect(read(model, "LayerNormalization", 2)).toEqual([
      "norm1.bias",
      "norm2.bias",
      "norm2.bias",
    ]);
  });

  test("keeps tied matrices and splits those that hold one number", () => {
    const tied = [createNode("MatMul", ["x", "w1"], ["h"]), createNode("Add", ["h", "w1"], ["y"])];
    const model = modelOf({ ...parts(tied, { w1 }), feeds: { x: noise([4, 4]) } });
    expect(unshareInitializers(model)).toBe(model);
    const filled = tensorOf("float32", [4, 4], new Array(16).fill(0));
    const split = unshareInitializers(
      modelOf({ ...parts(tied, { w1: filled }), feeds: { x: noise([4, 4]) } }),
    );
    expect(split.graph.initializers.size).toBe(2);
  });

  test("leaves scalars, integers and what a branch or an output reads", () => {
    const branch = (output: string) =>
      modelOf({ nodes: [createNode("Add", ["x", "inner"], [output])], outputs: [output] }).graph;
    const nodes = [
      ...["one", "shape", "inner"].flatMap((name) => [
        createNode(name === "shape" ? "Reshape" : "Mul", ["x", name], [`${name}_a`]),
        createNode(name === "shape" ? "Expand" : "Div", ["x", name], [`${name}_b`]),
      ]),
      createNode("If", ["flag"], ["y"], { then_branch: branch("p"), else_branch: branch("q") }),
    ];
    const model = modelOf({
      nodes,
      feeds: { x, flag: scalarOf("bool", 1) },
      constants: {
        one: scalarOf("float32", 1),
        shape: tensorOf("int64", [2], [2, 4]),
        inner: zeros,
      },
    });
    expect(unshareInitializers(model)).toBe(model);
  });
});
