import { describe, expect, test } from "vitest";
import { modelOf, typeOf } from "../../../test/infer-model.js";
import { int, ints } from "../../../test/single-node.js";
import { createNode, valueInfo } from "../../ir/build.js";
import type { Node } from "../../ir/graph.js";
import { scalarOf, tensorOf } from "../../ir/tensor/tensor-data.js";

const hidden = valueInfo("x", "float32", ["batch", "length", 384]);

describe("sizes that the graph computes", () => {
  const shapeOf = [createNode("Shape", ["x"], ["shape"])];
  const size = (axis: number) => createNode("Gather", ["shape", `axis${axis}`], [`size${axis}`]);
  const lifted = (axis: number) =>
    createNode("Unsqueeze", [`size${axis}`, "zeros"], [`list${axis}`]);
  const constants = {
    axis0: int(0),
    axis1: int(1),
    axis2: int(2),
    zeros: ints(0),
    one: ints(1),
    two: ints(2),
    three: ints(3),
    heads: ints(12),
    each: ints(32),
    minusOne: ints(-1),
    zero: int(0),
    step: int(1),
  };

  const cases: readonly (readonly [string, readonly Node[], string, string])[] = [
    [
      "attention heads",
      [
        ...[0, 1].flatMap((axis) => [size(axis), lifted(axis)]),
        createNode("Concat", ["list0", "list1", "heads", "each"], ["target"], { axis: 0 }),
        createNode("Reshape", ["x", "target"], ["y"]),
      ],
      "y",
      "float32[batch, length, 12, 32]",
    ],
    [
      "flattened batch",
      [
        size(0),
        size(1),
        createNode("Mul", ["size0", "size1"], ["rows"]),
        createNode("Unsqueeze", ["rows", "zeros"], ["rowList"]),
        createNode("Concat", ["rowList", "minusOne"], ["target"], { axis: 0 }),
        createNode("Reshape", ["x", "target"], ["y"]),
      ],
      "y",
      "float32[batch*length, 384]",
    ],
    [
      "product and back",
      [
        createNode("Reshape", ["x", "flat"], ["rows"]),
        createNode("Reshape", ["rows", "shape"], ["y"]),
      ],
      "y",
      "float32[batch, length, 384]",
    ],
    [
      "slice of a shape",
      [
        createNode("Slice", ["shape", "zeros", "two"], ["target"]),
        createNode("ConstantOfShape", ["target"], ["y"]),
      ],
      "y",
      "float32[batch, length]",
    ],
    [
      "positions",
      [size(1), createNode("Range", ["zero", "size1", "step"], ["y"])],
      "y",
      "int64[length]",
    ],
    [
      "table cut to the length",
      [size(1), lifted(1), createNode("Slice", ["table", "zeros", "list1", "one"], ["y"])],
      "y",
      "int64[1, length]",
    ],
    [
      "torch's expand, which compares sizes with -1",
      [
        size(0),
        lifted(0),
        createNode("Concat", ["list0", "minusOne", "each"], ["wanted"], { axis: 0 }),
        createNode("Equal", ["wanted", "minusOne"], ["keeps"]),
        createNode("Where", ["keeps", "ones", "wanted"], ["target"]),
        createNode("Expand", ["token", "target"], ["y"]),
      ],
      "y",
      "float32[batch, 1, 32]",
    ],
    [
      "half of a static size",
      [
        size(2),
        createNode("Cast", ["size2"], ["float"], { to: 1 }),
        createNode("Div", ["float", "half"], ["divided"]),
        createNode("Floor", ["divided"], ["floor"]),
        createNode("Cast", ["floor"], ["integer"], { to: 7 }),
        createNode("Unsqueeze", ["integer", "zeros"], ["target"]),
        createNode("ConstantOfShape", ["target"], ["y"]),
      ],
      "y",
      "float32[192]",
    ],
    [
      "number of elements",
      [createNode("Size", ["x"], ["count"]), createNode("Range", ["zero", "count", "step"], ["y"])],
      "y",
      "int64[384*batch*length]",
    ],
    [
      "difference and quotient of equal sizes",
      [
        size(0),
        createNode("Sub", ["size0", "size0"], ["nothing"]),
        createNode("Div", ["size0", "size0"], ["single"]),
        createNode("Add", ["nothing", "single"], ["sum"]),
        createNode("Unsqueeze", ["sum", "zeros"], ["target"]),
        createNode("ConstantOfShape", ["target"], ["y"]),
      ],
      "y",
      "float32[1]",
    ],
  ];

  const more = {
    flat: ints(-1, 384),
    table: tensorOf("int64", [1, 512], new Array(512).fill(0)),
    ones: ints(1, 1, 1),
    token: tensorOf("float32", [1, 1, 32], new Array(32).fill(0)),
    half: scalarOf("float32", 2),
  };

  test.for(cases)("%s", ([, nodes, name, expected]) => {
    const model = modelOf({
      inputs: [hidden],
      nodes: [...shapeOf, ...nodes],
      constants: { ...constants, ...more },
    });
    expect(typeOf(model, name)).toBe(expected);
    const bound = expected.replaceAll("batch", "3").replaceAll("length", "7");
    const sizes = bound.replaceAll(/[\d*]+\*[\d*]+/g, (product) =>
      String(product.split("*").reduce((total, factor) => total * Number(factor), 1)),
    );
    expect(typeOf(model, name, { batch: 3, length: 7 })).toBe(sizes);
  });
});
