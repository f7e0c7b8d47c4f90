import { describe, expect, test } from "vitest";
import { modelOf, noise } from "../../test/same-function.js";
import { createGraph, createNode, valueInfo } from "../ir/build.js";
import type { Node } from "../ir/graph.js";
import { toFloat32 } from "../ir/tensor/convert.js";
import { dataTypeCodes } from "../ir/tensor/data-type-codes.js";
import { float32ToBfloat16, float32ToFloat16 } from "../ir/tensor/float16.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { createTensor, scalarOf, tensorOf } from "../ir/tensor/tensor-data.js";
import { normalize } from "../normalize/normalize.js";
import { findWeights } from "./find-weights.js";

const node = createNode;
const ints = (...values: number[]) => tensorOf("int64", [values.length], values);

interface Case {
  readonly nodes: readonly Node[];
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly shape?: readonly number[];
}

function found({ nodes, constants, shape = [2, 4] }: Case) {
  const model = modelOf({ nodes, constants, feeds: { x: noise(shape) } });
  const { weights, leftOut } = findWeights(normalize(model));
  return {
    weights: weights.map(({ name, role }) => `${name}: ${role}`),
    leftOut: leftOut.map(({ name, reason }) => `${name}: ${reason}`),
  };
}

function stored(dtype: "float16" | "bfloat16" | "float64" | "float32", tensor: Tensor<"float32">) {
  if (dtype === "float16") return createTensor(dtype, tensor.dims, float32ToFloat16(tensor.data));
  if (dtype === "bfloat16") return createTensor(dtype, tensor.dims, float32ToBfloat16(tensor.data));
  return tensorOf(dtype, tensor.dims, tensor.data);
}

/** `x / sqrt(mean(x^2) + e) * w`, where the scale is read by way of other nodes. */
function rms(scale: readonly Node[], value: string): Node[] {
  return [
    node("Mul", ["x", "x"], ["square"]),
    node("ReduceMean", ["square", "last"], ["mean"]),
    node("Add", ["mean", "epsilon"], ["shifted"]),
    node("Sqrt", ["shifted"], ["root"]),
    node("Div", ["x", "root"], ["unit"]),
    ...scale,
    node("Mul", [value, "unit"], ["y"]),
  ];
}

const epsilon = { epsilon: scalarOf("float32", 1e-6), last: ints(-1) };
const cast = (to: keyof typeof dataTypeCodes) =>
  node("Cast", ["norm"], ["norm_cast"], { to: dataTypeCodes[to] });

describe("a scale that is read through a Cast keeps its own name", () => {
  test.for(["float16", "bfloat16", "float64", "float32"] as const)("from %s", (dtype) => {
    const constants = { ...epsilon, norm: stored(dtype, noise([4])) };
    const nodes = rms([cast("float32")], "norm_cast");
    expect(found({ nodes, constants })).toEqual({ weights: ["norm: weight"], leftOut: [] });
  });

  test("also where it is read through two, which is one weight", () => {
    const nodes = [
      ...rms([cast("float32")], "norm_cast").slice(0, -1),
      node("Cast", ["norm"], ["again"], { to: dataTypeCodes.float32 }),
      node("Mul", ["unit", "norm_cast"], ["scaled"]),
      node("Mul", ["scaled", "again"], ["y"]),
    ];
    const constants = { ...epsilon, norm: stored("float16", noise([4])) };
    expect(found({ nodes, constants }).weights).toEqual(["norm: weight"]);
  });

  test("and where all its values are still one, and nobody has named it", () => {
    const ones = tensorOf("float32", [4], [1, 1, 1, 1]);
    const nodes = rms([], "onnx::Mul_7");
    expect(found({ nodes, constants: { ...epsilon, "onnx::Mul_7": ones } }).weights).toEqual([
      "onnx::Mul_7: weight",
    ]);
  });

  test("and where one is added to it", () => {
    const nodes = rms([node("Add", ["norm", "one"], ["scale"])], "scale");
    const constants = { ...epsilon, norm: noise([4]), one: scalarOf("float32", 1) };
    expect(found({ nodes, constants }).weights).toEqual(["norm: weight"]);
  });
});

describe("weights behind other constants", () => {
  const w = noise([4, 4]);
  test.for<readonly [string, readonly Node[], Case["constants"]]>([
    ["Transpose", [node("Transpose", ["w"], ["v"], { perm: [1, 0] })], { w }],
    ["Unsqueeze", [node("Unsqueeze", ["w", "axis"], ["v"])], { w, axis: ints(0) }],
    ["Squeeze", [node("Squeeze", ["w", "axis"], ["v"])], { w: noise([1, 4, 4]), axis: ints(0) }],
    ["Reshape", [node("Reshape", ["w", "to"], ["v"])], { w: noise([16]), to: ints(4, 4) }],
    ["Identity", [node("Identity", ["w"], ["v"])], { w }],
    ["arithmetic", [node("Mul", ["w", "two"], ["v"])], { w, two: scalarOf("float32", 2) }],
    [
      "Slice and Concat",
      [
        node("Slice", ["w", "zero", "two"], ["top"]),
        node("Slice", ["w", "two", "four"], ["bottom"]),
        node("Concat", ["bottom", "top"], ["v"], { axis: 0 }),
      ],
      { w, zero: ints(0), two: ints(2), four: ints(4) },
    ],
    [
      "Split",
      [
        node("Split", ["w"], ["a", "b"], { num_outputs: 2 }),
        node("Concat", ["b", "a"], ["v"], { axis: 0 }),
      ],
      { w },
    ],
  ])("%s", ([, nodes, constants]) => {
    const all = [...nodes, node("MatMul", ["x", "v"], ["y"])];
    expect(found({ nodes: all, constants })).toEqual({ weights: ["w: weight"], leftOut: [] });
  });

  test("Constant nodes are as good as initializers, under the names of their outputs", () => {
    const nodes = [
      node("Constant", [], ["w"], { value: w }),
      node("Constant", [], ["b"], { value: noise([4]) }),
      node("Reshape", ["b", "to"], ["row"]),
      node("MatMul", ["x", "w"], ["xw"]),
      node("Add", ["xw", "row"], ["y"]),
    ];
    expect(found({ nodes, constants: { to: ints(1, 4) } }).weights).toEqual([
      "b: bias",
      "w: weight",
    ]);
  });

  test("biases that are cut into gates are one weight each, and no copies", () => {
    const [hidden, gates] = [3, 12];
    const reorder = (name: string): Node[] => [
      ...[0, 1, 2, 3].map((gate) =>
        node("Slice", [name, `at${gate}`, `at${gate + 1}`], [`${name}/${gate}`]),
      ),
      node(
        "Concat",
        [0, 3, 1, 2].map((gate) => `${name}/${gate}`),
        [`${name}/iofc`],
        { axis: 0 },
      ),
    ];
    const names = ["W_ih", "W_hh", "b_ih", "b_hh"];
    const nodes = [
      ...names.flatMap(reorder),
      node("Concat", ["b_ih/iofc", "b_hh/iofc"], ["b"], { axis: 0 }),
      ...["W_ih/iofc", "W_hh/iofc", "b"].map((name) =>
        node("Unsqueeze", [name, "at0"], [`${name}/one`]),
      ),
      node("LSTM", ["x", "W_ih/iofc/one", "W_hh/iofc/one", "b/one"], ["all", "y"], {
        hidden_size: hidden,
      }),
    ];
    const at = [0, 1, 2, 3, 4].map((gate) => [`at${gate}`, ints(gate * hidden)] as const);
    const constants = {
      ...Object.fromEntries(at),
      W_ih: noise([gates, 4]),
      W_hh: noise([gates, hidden], 2),
      b_ih: noise([gates], 3),
      // Fresh biases are zero: that does not make them those of four layers.
      b_hh: tensorOf("float32", [gates], new Array<number>(gates).fill(0)),
    };
    const { weights } = found({ nodes, constants, shape: [5, 2, 4] });
    expect(weights.map((weight) => weight.split(":")[0])).toEqual(names);
  });
});

describe("what is stored as floats and is no weight is listed with its reason", () => {
  const w = noise([4, 4]);
  const product = node("MatMul", ["x", "w"], ["xw"]);

  test.for<readonly [string, readonly Node[], Case["constants"], string]>([
    [
      "equal numbers without a name",
      [product, node("Add", ["xw", "onnx::Add_3"], ["y"])],
      { w, "onnx::Add_3": tensorOf("float32", [4], [0, 0, 0, 0]) },
      "onnx::Add_3: all its values are equal: it stands for what a layer does not have",
    ],
    [
      "a mask",
      [product, node("Mul", ["xw", "attn.mask"], ["y"])],
      { w, "attn.mask": noise([4]) },
      "attn.mask: by its name a table that is computed once",
    ],
    [
      "a constant of another operator",
      [product, node("Sub", ["xw", "mean"], ["y"])],
      { w, mean: noise([4]) },
      "mean: Sub reads it as a constant",
    ],
    [
      "factors of sizes",
      [
        product,
        node("Shape", ["x"], ["size"]),
        node("Cast", ["size"], ["floats"], { to: dataTypeCodes.float32 }),
        node("Mul", ["floats", "factors"], ["larger"]),
        node("Cast", ["larger"], ["to"], { to: dataTypeCodes.int64 }),
        node("Expand", ["xw", "to"], ["y"]),
      ],
      { w, factors: tensorOf("float32", [2], [1, 1.5]) },
      "factors: it leads to outputs by way of sizes or integers alone",
    ],
  ])("%s", ([, nodes, constants, reason]) => {
    const model = modelOf({
      nodes,
      constants,
      feeds: { x: noise([2, 4]) },
      shapes: { x: ["batch", 4] },
    });
    const { weights, leftOut } = findWeights(normalize(model));
    expect(weights.map(({ name }) => name)).toEqual(["w"]);
    expect(leftOut.map(({ name, reason: why }) => `${name}: ${why}`)).toEqual([reason]);
  });

  test("weights in a branch that is chosen at run time", () => {
    const branch = (operator: string) =>
      createGraph({
        nodes: [node(operator, ["x", `${operator}.w`], [`${operator}.y`])],
        outputs: [valueInfo(`${operator}.y`, "float32")],
        initializers: [[`${operator}.w`, noise([2, 4])]],
      });
    const nodes = [
      node("ReduceSum", ["x"], ["sum"], { keepdims: 0 }),
      node("Greater", ["sum", "zero"], ["condition"]),
      node("If", ["condition"], ["y"], { then_branch: branch("Add"), else_branch: branch("Mul") }),
    ];
    const reason = "it is in a branch of an If whose condition is not fixed";
    expect(found({ nodes, constants: { zero: scalarOf("float32", 0) } })).toEqual({
      weights: [],
      leftOut: [`Add.w: ${reason}`, `Mul.w: ${reason}`],
    });
  });

  test("weights that classical machine learning keeps in attributes", () => {
    const scaler = node(
      "Scaler",
      ["x"],
      ["y"],
      { offset: [0.5, 1.5], scale: [0.5, 2.5] },
      {
        name: "s",
        domain: "ai.onnx.ml",
      },
    );
    expect(found({ nodes: [scaler], constants: {} }).leftOut).toEqual([
      "s.offset: it is an attribute of Scaler, which has no gradient",
      "s.scale: it is an attribute of Scaler, which has no gradient",
    ]);
  });
});

test("values are those of the file", () => {
  const norm = stored("bfloat16", noise([4]));
  const nodes = rms([cast("float32")], "norm_cast");
  const model = modelOf({ nodes, constants: { ...epsilon, norm }, feeds: { x: noise([2, 4]) } });
  const [weight] = findWeights(normalize(model)).weights;
  expect(weight!.tensor).toEqual(toFloat32(norm));
});
