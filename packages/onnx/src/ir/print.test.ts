import { expect, it } from "vitest";
import { createGraph, createNode, float, valueInfo } from "./build.js";
import { printGraph } from "./print.js";
import { createTensor, tensorOf } from "./tensor/tensor-data.js";

it("prints a graph with a line per initializer and node, subgraphs indented", () => {
  const branch = createGraph({
    name: "then",
    nodes: [createNode("Neg", ["h"], ["n"])],
    outputs: [valueInfo("n", "float32")],
  });
  const graph = createGraph({
    name: "main",
    inputs: [valueInfo("x", "float32", ["batch", null, 2])],
    nodes: [
      createNode("Gemm", ["x", "w"], ["h"], { alpha: float(1.5), mode: "a b", axes: [0, -1] }),
      createNode("If", ["flag"], ["y", ""], { then_branch: branch }),
      createNode("FusedMatMul", ["y", "big", ""], ["z"], {}, { domain: "com.microsoft" }),
    ],
    outputs: [valueInfo("z", "float32", [])],
    initializers: [
      ["w", tensorOf("float16", [2], [0.5, -Infinity])],
      ["end", createTensor("int64", [1], BigInt64Array.of(2n ** 63n - 1n))],
      ["words", createTensor("string", [1], ["a\n"])],
      ["big", tensorOf("float32", [9], new Float32Array(9))],
    ],
  });
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "graph main(x: float32[batch, ?, 2]) -> (z: float32[])
      w: float16[2] = [0.5, -Infinity]
      end: int64[1] = [9223372036854775807]
      words: string[1] = ["a\\n"]
      big: float32[9]
      h = Gemm(x, w) {alpha: 1.5, mode: "a b", axes: [0, -1]}
      y, _ = If(flag) {then_branch: graph then() -> (n: float32[?..])
        n = Neg(h)}
      z = com.microsoft.FusedMatMul(y, big, _)"
  `);
});
