import { describe, expect, test } from "vitest";
import { expectSameFunction, modelOf, noise, operatorsOf } from "../../test/same-function.js";
import { createNode, float, floats } from "../ir/build.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { liftConstants } from "./lift-constants.js";

const x = noise([2, 3]);
const add = (a: string, b: string, output: string) => createNode("Add", [a, b], [output]);
const same = (input: string, output: string) => createNode("Identity", [input], [output]);

describe("liftConstants", () => {
  test("makes initializers of Constant nodes in all their forms, also in branches", async () => {
    const branch = (value: number, output: string) =>
      modelOf({
        nodes: [
          createNode("Constant", [], [`${output}_c`], { value_float: float(value) }),
          add("h", `${output}_c`, output),
        ],
        outputs: [output],
      }).graph;
    const nodes = [
      createNode("Constant", [], ["a"], { value: tensorOf("float32", [3], [1, 2, 3]) }),
      createNode("Constant", [], ["b"], { value_floats: floats([4, 5, 6]) }),
      add("x", "a", "s"),
      add("s", "b", "h"),
      createNode("If", ["flag"], ["y"], {
        then_branch: branch(1, "p"),
        else_branch: branch(2, "q"),
      }),
    ];
    const feeds = { x, flag: tensorOf("bool", [], [1]) };
    const model = await expectSameFunction({ nodes, feeds }, liftConstants);
    expect(operatorsOf(model)).toEqual(["Add", "Add", "If"]);
    const branches = model.graph.nodes[2]!.attributes;
    for (const { value } of branches.values())
      expect(value).toMatchObject({ nodes: { length: 1 } });
  });

  const table = noise([3, 3], 2);
  const zeros = tensorOf("float32", [3], [0, 0, 0]);

  test("gives vectors that were merged data of their own", async () => {
    const nodes = [
      same("fc1.bias", "fc2.bias"),
      add("x", "fc1.bias", "h"),
      add("h", "fc2.bias", "y"),
    ];
    const parts = { nodes, feeds: { x }, constants: { "fc1.bias": zeros } };
    const { initializers } = (await expectSameFunction(parts, liftConstants)).graph;
    expect([...initializers.keys()]).toEqual(["fc1.bias", "fc2.bias"]);
    expect(initializers.get("fc2.bias")).toEqual(initializers.get("fc1.bias"));
    expect(initializers.get("fc2.bias")!.data).not.toBe(initializers.get("fc1.bias")!.data);
  });

  test("keeps a matrix that is used twice one weight", async () => {
    const nodes = [
      same("embedding", "alias"),
      same("alias", "head"),
      createNode("MatMul", ["x", "embedding"], ["h"]),
      createNode("MatMul", ["h", "head"], ["y"]),
    ];
    const parts = { nodes, feeds: { x }, constants: { embedding: table } };
    const { graph } = await expectSameFunction(parts, liftConstants);
    expect([...graph.initializers.keys()]).toEqual(["embedding"]);
    expect(graph.nodes.map(({ inputs }) => inputs[1])).toEqual(["embedding", "embedding"]);
  });

  test("keeps an Identity that a graph output is named after", async () => {
    const parts = { nodes: [same("table", "y")], feeds: {}, constants: { table } };
    const model = await expectSameFunction(parts, liftConstants);
    expect(operatorsOf(model)).toEqual(["Identity"]);
  });
});
