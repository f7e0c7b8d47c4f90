import { intAttribute, intsAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape, TensorType } from "../../../ir/graph.js";
import type { DataType } from "../../../ir/tensor/tensor.js";
import { productOf, unifyDim } from "../../dims.js";
import type { Rule, RuleTable } from "../../rule.js";
import { forEach } from "../../rule.js";
import type { NodeView } from "../../view.js";
import { transposedSizes, windowOf, windowSizes } from "./window.js";

/** Convolutions and pooling. Data is [batch, channels, spatial...] throughout. */

interface ConvolutionInputs {
  readonly weight: number;
  readonly bias: number;
  readonly dtype: (view: NodeView) => DataType | undefined;
}

/** Weights are [output channels, input channels / group, kernel...]. */
export function convolution(inputs: ConvolutionInputs): Rule {
  return (view) => {
    const dtype = inputs.dtype(view);
    const { input, weight } = dataAndWeight(view, inputs.weight);
    if (input === undefined) return [dtype && { dtype, shape: undefined }];
    const group = intAttribute(view.node, "group", 1);
    const channels = productOf([weight?.[1] ?? null, group]);
    if (unifyDim(input[1]!, channels) === undefined) {
      view.reject(`${channels} input channels (weights x group ${group})`, `${input[1]}`);
    }
    const filters = weight?.[0] ?? null;
    if (view.has(inputs.bias)) view.requireShape(inputs.bias, [filters]);
    const window = windowOf(view, input.length - 2, weight?.slice(2));
    return [
      dtype && {
        dtype,
        shape: [input[0]!, filters, ...windowSizes(input.slice(2), window, false)],
      },
    ];
  };
}

function dataAndWeight(
  view: NodeView,
  weightIndex: number,
): { input: Shape | undefined; weight: Shape | undefined } {
  const input = view.requireRank(0, 3, Number.POSITIVE_INFINITY);
  const weight = view.requireRank(
    weightIndex,
    input?.length ?? 3,
    input?.length ?? Number.POSITIVE_INFINITY,
  );
  return { input, weight };
}

/** Weights are [input channels, output channels / group, kernel...]. */
const transposedConvolution: Rule = (view) => {
  const dtype = view.sameDtype([0, 1, 2]);
  const { input, weight } = dataAndWeight(view, 1);
  if (input === undefined) return [dtype && { dtype, shape: undefined }];
  if (weight !== undefined && unifyDim(input[1]!, weight[0]!) === undefined) {
    view.reject(`${weight[0]} input channels (first axis of the weights)`, `${input[1]}`);
  }
  const filters = productOf([weight?.[1] ?? null, intAttribute(view.node, "group", 1)]);
  const window = windowOf(view, input.length - 2, weight?.slice(2));
  const sizes = intsAttribute(view.node, "output_shape") ?? transposedSizes(input.slice(2), window);
  return [dtype && { dtype, shape: [input[0]!, filters, ...sizes.slice(-window.length)] }];
};

/** `outputs` gives the element type of every output. */
function pool(outputTypes: (dtype: DataType) => readonly DataType[]): Rule {
  return (view) => {
    const dtype = view.dtype(0);
    const input = view.requireRank(0, 3, Number.POSITIVE_INFINITY);
    if (dtype === undefined) return [];
    const shape = input && pooledShape(view, input);
    return outputTypes(dtype).map((output): TensorType => ({ dtype: output, shape }));
  };
}

function pooledShape(view: NodeView, input: Shape): Shape {
  const kernel = intsAttribute(view.node, "kernel_shape") ?? view.reject("a kernel_shape", "none");
  const window = windowOf(view, input.length - 2, kernel);
  const ceil = intAttribute(view.node, "ceil_mode", 0) === 1;
  return [...input.slice(0, 2), ...windowSizes(input.slice(2), window, ceil)];
}

const globalPool: Rule = (view) => {
  const type = view.type(0);
  return [type && { ...type, shape: type.shape?.map((dim, axis): Dim => (axis < 2 ? dim : 1)) }];
};

/** The inverse of MaxPool; its own output size is only a default. */
const unpool: Rule = (view) => {
  const dtype = view.dtype(0);
  const input = view.requireRank(0, 3, Number.POSITIVE_INFINITY);
  if (dtype === undefined) return [];
  if (view.has(2)) return [{ dtype, shape: view.elements(2) ?? input?.map(() => null) }];
  const kernel = intsAttribute(view.node, "kernel_shape") ?? view.reject("a kernel_shape", "none");
  if (input === undefined) return [{ dtype, shape: undefined }];
  const sizes = transposedSizes(input.slice(2), windowOf(view, input.length - 2, kernel));
  return [{ dtype, shape: [...input.slice(0, 2), ...sizes] }];
};

export const convolutionRules: RuleTable = {
  Conv: { 1: convolution({ weight: 1, bias: 2, dtype: (view) => view.sameDtype([0, 1, 2]) }) },
  ConvTranspose: { 1: transposedConvolution },
  // Input 2 of these two is a zero point; only the one for floats has a bias, at input 8.
  ConvInteger: { 10: convolution({ weight: 1, bias: -1, dtype: () => "int32" }) },
  QLinearConv: { 10: convolution({ weight: 3, bias: 8, dtype: (view) => view.dtype(7) }) },
  MaxPool: { 1: pool((dtype) => [dtype, "int64"]) },
  ...forEach(
    ["AveragePool", "LpPool"],
    pool((dtype) => [dtype]),
  ),
  ...forEach(["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"], globalPool),
  MaxUnpool: { 9: unpool },
};
