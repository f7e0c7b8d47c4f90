import { graphAttribute } from "../../ir/attributes.js";
import type { TensorType } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { elementCount, isNumericType } from "../../ir/tensor/tensor-data.js";
import { isStatic } from "../dims.js";
import { takenBranch } from "../rules/shapes/control.js";
import type { AbstractValue } from "../value.js";
import { constantValue, mayFollowElements, valueOfElements } from "../value.js";
import type { NodeView } from "../view.js";
import type { Selection } from "./copy.js";
import { selectConstant, selectElements } from "./copy.js";
import { constantTensor, creationKernels, nonZeroIndices } from "./creation.js";
import { elementwiseKernels } from "./elementwise.js";
import type { Kernel } from "./kernel.js";
import { isNumeric } from "./numbers.js";
import { reductionKernels } from "./reduction.js";
import { selectors } from "./selection.js";
import { symbolicKernels } from "./symbolic.js";

/**
 * Whether a constant is worth computing, from the number of elements that go in (of the largest
 * input) and come out.
 */
export type EvaluationLimit = (inputElements: number, outputElements: number) => boolean;

const kernels: ReadonlyMap<string, Kernel> = new Map([
  ...elementwiseKernels,
  ...reductionKernels,
  ...creationKernels,
]);

/**
 * Computes what can be known of a node's outputs beyond their types: a constant, or sizes and names
 * element by element. `types` are the outputs' types, one for each. Returns `undefined` when there is
 * nothing.
 */
export function evaluate(
  view: NodeView,
  types: readonly (TensorType | undefined)[],
  limit: EvaluationLimit,
): readonly AbstractValue[] | undefined {
  if (view.node.domain !== "" || isOfOldForm(view)) return undefined;
  const { opType } = view.node;
  if (opType === "Constant") {
    const tensor = constantTensor(view.node);
    return tensor && [constantValue(tensor)];
  }
  if (opType === "If") return takenValues(view);
  return constantOutputs(view, types, limit) ?? followedOutputs(view, types);
}

/** Forms before operator set 7 that align shapes, or repeat them, by other rules than the kernels here. */
function isOfOldForm({ node, opset }: NodeView): boolean {
  return opset < 7 && (node.attributes.has("broadcast") || (node.opType === "Tile" && opset < 6));
}

function takenValues(view: NodeView): readonly AbstractValue[] | undefined {
  const taken = takenBranch(view);
  const branch = taken && graphAttribute(view.node, taken);
  return branch && view.outputsOf(branch);
}

/** All connected inputs, if they are constant. */
function constantInputs(view: NodeView): readonly Tensor[] | undefined {
  const tensors: Tensor[] = [];
  for (const index of view.node.inputs.keys()) {
    const tensor = view.constant(index);
    if (tensor === undefined && view.has(index)) return undefined;
    if (tensor !== undefined) tensors.push(tensor);
  }
  return tensors;
}

function constantOutputs(
  view: NodeView,
  types: readonly (TensorType | undefined)[],
  limit: EvaluationLimit,
): readonly AbstractValue[] | undefined {
  const inputs = constantInputs(view);
  if (inputs === undefined || !isWorthwhile(inputs, types, limit)) return undefined;
  const selections = select(view, types);
  if (selections !== undefined) {
    return selections.map(({ data, source, dims }) =>
      constantValue(
        selectConstant(
          data.map((index) => view.constant(index)!),
          dims,
          source,
        ),
      ),
    );
  }
  const [type] = types;
  if (type === undefined || !isNumericType(type.dtype) || !inputs.every(isNumeric)) {
    return undefined;
  }
  if (view.node.opType === "NonZero") return [constantValue(nonZeroIndices(inputs[0]!))];
  if (!isStatic(type.shape)) return undefined;
  const kernel = kernels.get(view.node.opType);
  const result = kernel?.(view, inputs, { dtype: type.dtype, dims: type.shape });
  return result && [constantValue(result)];
}

function isWorthwhile(
  inputs: readonly Tensor[],
  types: readonly (TensorType | undefined)[],
  limit: EvaluationLimit,
): boolean {
  const largest = inputs.reduce((size, { data }) => Math.max(size, data.length), 0);
  return types.every((type) => !isStatic(type?.shape) || limit(largest, elementCount(type.shape)));
}

/** Where the outputs' elements come from, if the node only copies and the shapes are known. */
function select(
  view: NodeView,
  types: readonly (TensorType | undefined)[],
): readonly (Selection & { readonly dims: readonly number[] })[] | undefined {
  const shapes = types.map((type) => type?.shape);
  if (!shapes.every(isStatic)) return undefined;
  const selections = selectors.get(view.node.opType)?.(view, shapes);
  return selections?.map((selection, output) => ({ ...selection, dims: shapes[output]! }));
}

/** Outputs of which some elements are names. */
function followedOutputs(
  view: NodeView,
  types: readonly (TensorType | undefined)[],
): readonly AbstractValue[] | undefined {
  if (!types.every(mayFollowElements)) return undefined;
  const elements = symbolicKernels.get(view.node.opType)?.(view, types[0]!);
  if (elements !== undefined) return [valueOfElements(types[0]!, elements)];
  return select(view, types)?.map(({ data, source }, output): AbstractValue => {
    const lists = data.map((index) => view.elements(index));
    if (!lists.every((list) => list !== undefined)) return { type: types[output] };
    return valueOfElements(types[output]!, selectElements(lists, source));
  });
}
