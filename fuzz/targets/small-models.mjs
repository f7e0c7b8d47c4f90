import {
  createGraph,
  createModel,
  createNode,
  createTensor,
  encodeModel,
  valueInfo,
} from "@engraft/onnx";

const ints = (...values) =>
  createTensor("int64", [values.length], BigInt64Array.from(values, BigInt));
const floats = (...dims) =>
  createTensor(
    "float32",
    dims,
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, n) => Math.sin(n)),
  );

/** Files of small models, which together have the operators whose shapes are worked out from values. */
export function smallModels() {
  return [network(), shapes(), branches(), recurrent(), transformer()].map((graph) =>
    encodeModel(createModel({ graph })),
  );
}

function network() {
  return createGraph({
    nodes: [
      createNode("Conv", ["x", "stem.w"], ["c"], { strides: [2, 2], pads: [1, 1, 1, 1] }),
      createNode("BatchNormalization", ["c", "stem.s", "stem.b", "stem.m", "stem.v"], ["n"]),
      createNode("Relu", ["n"], ["r"]),
      createNode("Dropout", ["r"], ["d"]),
      createNode("GlobalAveragePool", ["d"], ["p"]),
      createNode("Flatten", ["p"], ["f"], { axis: 1 }),
      createNode("Gemm", ["f", "head.w", "head.b"], ["y"], { transB: 1 }),
    ],
    initializers: [
      ["stem.w", floats(4, 3, 3, 3)],
      ...["s", "b", "m", "v"].map((name) => [`stem.${name}`, floats(4)]),
      ["head.w", floats(2, 4)],
      ["head.b", floats(2)],
    ],
    inputs: [valueInfo("x", "float32", ["N", 3, 8, 8])],
    outputs: [valueInfo("y", "float32", ["N", 2])],
  });
}

function shapes() {
  return createGraph({
    nodes: [
      createNode("Shape", ["x"], ["shape"]),
      createNode("Gather", ["shape", "zero"], ["rows"]),
      createNode("Unsqueeze", ["rows", "zero"], ["rows1"]),
      createNode("Concat", ["rows1", "two"], ["wanted"], { axis: 0 }),
      createNode("Expand", ["one", "wanted"], ["e"]),
      createNode("Tile", ["e", "repeats"], ["t"]),
      createNode("Slice", ["t", "start", "end", "axes"], ["s"]),
      createNode("Pad", ["s", "pads"], ["p"]),
      createNode("Range", ["first", "limit", "delta"], ["r"]),
      createNode("Trilu", ["p"], ["u"]),
      createNode("Where", ["condition", "u", "u"], ["w"]),
      createNode("Split", ["w"], ["a", "b"], { axis: 1, num_outputs: 2 }),
      createNode("Einsum", ["a", "b"], ["y"], { equation: "ij,ik->jk" }),
    ],
    initializers: [
      ["zero", ints(0)],
      ["one", floats(1, 1)],
      ["two", ints(2)],
      ["repeats", ints(1, 2)],
      ["start", ints(0)],
      ["end", ints(9)],
      ["axes", ints(1)],
      ["pads", ints(0, 0, 0, 0)],
      ["first", createTensor("int64", [], BigInt64Array.of(0n))],
      ["limit", createTensor("int64", [], BigInt64Array.of(5n))],
      ["delta", createTensor("int64", [], BigInt64Array.of(1n))],
      ["condition", createTensor("bool", [1], Uint8Array.of(1))],
    ],
    inputs: [valueInfo("x", "float32", ["N", 3])],
    outputs: [valueInfo("y", "float32", [null, null]), valueInfo("r", "int64", [null])],
  });
}

function branches() {
  const branch = (op) =>
    createGraph({
      nodes: [createNode(op, ["x"], [`${op} of x`])],
      initializers: [],
      inputs: [],
      outputs: [valueInfo(`${op} of x`, "float32", ["N", 3])],
    });
  return createGraph({
    nodes: [
      createNode("Constant", [], ["flag"], { value: createTensor("bool", [], Uint8Array.of(1)) }),
      createNode("If", ["flag"], ["y"], {
        then_branch: branch("Relu"),
        else_branch: branch("Tanh"),
      }),
    ],
    initializers: [],
    inputs: [valueInfo("x", "float32", ["N", 3])],
    outputs: [valueInfo("y", "float32", ["N", 3])],
  });
}

function recurrent() {
  return createGraph({
    nodes: [
      createNode("Transpose", ["x"], ["t"], { perm: [1, 0, 2] }),
      createNode("LSTM", ["t", "w", "r", "b"], ["all", "last"], { hidden_size: 2 }),
      createNode("Squeeze", ["last", "zero"], ["y"]),
    ],
    initializers: [
      ["w", floats(1, 8, 3)],
      ["r", floats(1, 8, 2)],
      ["b", floats(1, 16)],
      ["zero", ints(0)],
    ],
    inputs: [valueInfo("x", "float32", ["N", "time", 3])],
    outputs: [valueInfo("y", "float32", ["N", 2])],
  });
}

function transformer() {
  return createGraph({
    nodes: [
      createNode("Gather", ["table", "ids"], ["e"]),
      createNode("LayerNormalization", ["e", "g", "h"], ["n"]),
      createNode("Transpose", ["n"], ["k"], { perm: [0, 2, 1] }),
      createNode("MatMul", ["n", "k"], ["scores"]),
      createNode("Softmax", ["scores"], ["a"]),
      createNode("MatMul", ["a", "n"], ["v"]),
      createNode("Reshape", ["v", "flat"], ["f"]),
      createNode("Cast", ["f"], ["y"], { to: 1 }),
    ],
    initializers: [
      ["table", floats(7, 4)],
      ["g", floats(4)],
      ["h", floats(4)],
      ["flat", ints(0, -1, 4)],
    ],
    inputs: [valueInfo("ids", "int64", ["N", "token"])],
    outputs: [valueInfo("y", "float32", ["N", null, 4])],
  });
}
