// Holds the gradients of one operator against a golden of goldens/operators.json.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { differentiate } from "@engraft/autodiff";
import {
  createGraph,
  createModel,
  createNode,
  createTensor,
  encodeModel,
  float,
  tensorOf,
} from "@engraft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { norm } from "./numbers.mjs";

const FILE = fileURLToPath(new URL("goldens/operators.json", import.meta.url));

/** Name of the loss in the model: the sum of all outputs, each times a given gradient. */
const LOSS = "weighted sum";

export function readGoldens() {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** The largest error of a gradient, relative to its norm or to 1 where that is larger. */
export async function checkGolden(golden) {
  const inputs = golden.inputs.map((input) => (input === null ? null : runtimeTensor(input)));
  const wrt = golden.inputGradients.flatMap((gradient, i) => (gradient ? [inputName(i)] : []));
  const step = differentiate(encodeModel(modelOf(golden, inputs)), { loss: LOSS, wrt });
  const session = await InferenceSession.create(step, {
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const feeds = session.inputNames.map((name) => {
    const { dtype, data, dims } = inputs[Number(name.slice(1))];
    return [name, new Tensor(dtype, data, dims)];
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  const errors = golden.inputGradients.map((expected, index) =>
    expected === null ? 0 : errorOf(results[`grad/${inputName(index)}`].data, expected.data),
  );
  return Math.max(...errors);
}

function errorOf(actual, expected) {
  const difference = expected.map((value, i) => value - actual[i]);
  return norm(difference) / Math.max(norm(expected), 1);
}

function modelOf({ op, opset, attributes, inputs: described, outputGradients }, inputs) {
  const names = inputs.map((input, index) => (input === null ? "" : inputName(index)));
  const isConstant = (index) => described[index]?.constant === true;
  const outputs = outputGradients.map((_, index) => `y${index}`);
  const loss = weightedSum(outputs, outputGradients);
  const graph = createGraph({
    nodes: [createNode(op, names, outputs, attributesOf(attributes)), ...loss.nodes],
    inputs: inputs.flatMap((input, index) =>
      input === null || isConstant(index)
        ? []
        : [{ name: names[index], type: { dtype: input.dtype, shape: input.dims } }],
    ),
    outputs: [{ name: LOSS, type: { dtype: "float32", shape: [] } }],
    initializers: [
      ...inputs.flatMap((input, index) => (isConstant(index) ? [[names[index], input]] : [])),
      ...loss.initializers,
    ],
  });
  return createModel({ graph, opset });
}

/** Nodes that sum `output · gradient` over the outputs that the loss depends on. */
function weightedSum(outputs, gradients) {
  const initializers = [];
  const nodes = [];
  const terms = [];
  gradients.forEach((gradient, index) => {
    if (gradient === null) return;
    initializers.push([`g${index}`, runtimeTensor(gradient)]);
    nodes.push(
      createNode("Mul", [outputs[index], `g${index}`], [`weighted${index}`]),
      createNode("ReduceSum", [`weighted${index}`], [`term${index}`], { keepdims: 0 }),
    );
    terms.push(`term${index}`);
  });
  nodes.push(createNode("Sum", terms, [LOSS]));
  return { nodes, initializers };
}

function inputName(index) {
  return `x${index}`;
}

function attributesOf(attributes) {
  const entries = Object.entries(attributes).map(([name, value]) => [
    name,
    typeof value === "object" && "float" in value ? float(value.float) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Floats are float32 here: the runtime has few kernels for float64. */
function runtimeTensor({ dtype, shape, data }) {
  if (dtype === "int64") return createTensor("int64", shape, BigInt64Array.from(data, BigInt));
  if (dtype === "bool") return createTensor("bool", shape, Uint8Array.from(data, Number));
  return tensorOf("float32", shape, data);
}
