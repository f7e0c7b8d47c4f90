import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  stringAttribute,
} from "../../ir/attributes.js";
import { float } from "../../ir/build.js";
import type { Node } from "../../ir/graph.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import type { ExpansionFamily } from "./family.js";

/** `alpha A' B'`, where `'` reorders the axes as the attributes say. */
const fusedMatmul: Converter = (rewriter) => {
  const { node } = rewriter;
  const orders = ["A", "B"].map((side, index) => {
    const rank = rewriter.shape(rewriter.input(index))?.length;
    return axisOrder(node, side, rank);
  });
  if (orders.includes(undefined)) return;
  const operands = orders.map((perm, index) => {
    const isSame = perm!.every((axis, at) => axis === at);
    return isSame
      ? rewriter.input(index)
      : rewriter.op("Transpose", [rewriter.input(index)], { perm: perm! });
  });
  const alpha = floatAttribute(node, "alpha", 1);
  const product = rewriter.op("MatMul", operands, {}, alpha === 1 ? rewriter.output(0) : undefined);
  if (alpha === 1) return;
  const factor = rewriter.scalarLike(rewriter.input(0), alpha);
  rewriter.op("Mul", [product, factor], {}, rewriter.output(0));
};

/**
 * Order of the axes of operand A or B: `transBatch` moves the first axis to the place before the last,
 * and then `trans` swaps the last two. `undefined` where the rank is needed and not known.
 */
function axisOrder(node: Node, side: string, rank: number | undefined): number[] | undefined {
  const movesBatch = intAttribute(node, `transBatch${side}`, 0) === 1;
  const swaps = intAttribute(node, `trans${side}`, 0) === 1;
  if (!movesBatch && !swaps) return [];
  if (rank === undefined) return undefined;
  const order = [...new Array(rank).keys()];
  if (rank < 2) return order;
  if (movesBatch) order.splice(rank - 2, 0, order.shift()!);
  if (swaps) order.push(order.splice(rank - 2, 1)[0]!);
  return order;
}

/** Activations that ONNX Runtime fuses, with the names of their parameters in order. */
const activations: ReadonlyMap<string, readonly string[]> = new Map([
  ["Relu", []],
  ["Tanh", []],
  ["Sigmoid", []],
  ["LeakyRelu", ["alpha"]],
  ["Elu", ["alpha"]],
  ["HardSigmoid", ["alpha", "beta"]],
  ["Clip", ["min", "max"]],
]);

/** Adds the activation of a fused node, whose result is the node's. */
function activate(
  rewriter: NodeRewriter,
  value: string,
  parameters: readonly (number | undefined)[],
): void {
  const activation = stringAttribute(rewriter.node, "activation", "");
  const output = rewriter.output(0);
  if (activation === "Clip") {
    const bounds = parameters.map((bound) => rewriter.scalarLike(rewriter.input(0), bound!));
    rewriter.op("Clip", [value, ...bounds.slice(0, 2)], {}, output);
    return;
  }
  const names = activations.get(activation) ?? [];
  const given = names.flatMap((name, index) => {
    const parameter = parameters[index];
    return parameter === undefined ? [] : [[name, float(parameter)] as const];
  });
  rewriter.op(activation, [value], Object.fromEntries(given), output);
}

const fusedGemm: Converter = (rewriter) => {
  const { node } = rewriter;
  if (!activations.has(stringAttribute(node, "activation", ""))) return;
  const attributes = Object.fromEntries(
    ["alpha", "beta", "transA", "transB"].flatMap((name) => {
      const attribute = node.attributes.get(name);
      return attribute === undefined ? [] : [[name, attribute]];
    }),
  );
  const product = rewriter.op("Gemm", node.inputs, attributes);
  const parameters = ["activation_alpha", "activation_beta", "activation_gamma"];
  activate(
    rewriter,
    product,
    parameters.map((name) => floatAttribute(node, name)),
  );
};

/** `activation(Conv(X, W, B) + Z)` */
const fusedConv: Converter = (rewriter) => {
  const { node } = rewriter;
  const activation = stringAttribute(node, "activation", "");
  if (activation !== "" && !activations.has(activation)) return;
  const attributes = new Map(node.attributes);
  attributes.delete("activation");
  attributes.delete("activation_params");
  const convolved = rewriter.op("Conv", node.inputs.slice(0, 3), Object.fromEntries(attributes));
  const added = rewriter.input(3);
  const sum = added === "" ? convolved : rewriter.op("Add", [convolved, added]);
  if (activation === "") rewriter.op("Identity", [sum], {}, rewriter.output(0));
  else activate(rewriter, sum, floatsAttribute(node, "activation_params", []));
};

export const matmulExpansions: ExpansionFamily = {
  microsoft: { FusedMatMul: fusedMatmul, FusedGemm: fusedGemm, FusedConv: fusedConv },
};
