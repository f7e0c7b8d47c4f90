import { intAttribute, stringAttribute } from "../../ir/attributes.js";
import type { Dim } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { elementCount } from "../../ir/tensor/tensor-data.js";
import { isStatic } from "../dims.js";
import { permutationOf } from "../rules/shapes/movement.js";
import { sliceExtent, sliceRanges } from "../rules/shapes/ranges.js";
import type { NodeView } from "../view.js";
import type { Selection } from "./copy.js";
import { UNKNOWN, ZERO } from "./copy.js";
import { broadcastIndices, stridedIndices, stridesOf } from "./indices.js";

/**
 * Operators whose output elements are copies of input elements. They say only *which* element goes
 * where, so that one description serves constants of any type and symbolic elements alike.
 */

/** One selection for each output; `undefined` while indices or shapes are not known. */
export type Selector = (
  view: NodeView,
  outputs: readonly (readonly number[])[],
) => readonly Selection[] | undefined;

/** The shape of an input, if it is static. */
function dimsOf(view: NodeView, index: number): readonly number[] | undefined {
  const shape = view.shape(index);
  return isStatic(shape) ? shape : undefined;
}

/** The numbers in an input, if all are known. */
function numbers(view: NodeView, index: number): readonly number[] | undefined {
  const elements = view.elements(index) ?? integersOf(view.constant(index));
  return isStatic(elements) ? elements : undefined;
}

/** Elements of a constant that is too long to be followed symbolically. */
function integersOf(constant: Tensor | undefined): readonly number[] | undefined {
  if (constant?.dtype === "int64") return Array.from(constant.data, Number);
  return constant?.dtype === "int32" || constant?.dtype === "bool" ? [...constant.data] : undefined;
}

const sameOrder: Selector = () => [{ data: [0], source: "same" }];

const transpose: Selector = (view, [to]) => {
  const dims = dimsOf(view, 0);
  if (dims === undefined) return undefined;
  const strides = stridesOf(dims);
  const permuted = permutationOf(view, dims.length).map((axis) => strides[axis]!);
  return [{ data: [0], source: stridedIndices(to!, permuted) }];
};

const slice: Selector = (view, [to]) => {
  const dims = dimsOf(view, 0);
  const ranges = dims && sliceRanges(view, dims.length);
  if (ranges === undefined) return undefined;
  const strides = stridesOf(dims!);
  let offset = 0;
  for (const range of ranges) {
    const extent = sliceExtent(dims![range.axis]!, range);
    if (extent === undefined) return undefined;
    offset += extent.start * strides[range.axis]!;
    strides[range.axis]! *= extent.step;
  }
  return [{ data: [0], source: stridedIndices(to!, strides, offset) }];
};

const split: Selector = (view, outputs) => {
  const dims = dimsOf(view, 0);
  if (dims === undefined) return undefined;
  const axis = view.axis(intAttribute(view.node, "axis", 0), dims.length);
  const strides = stridesOf(dims);
  let offset = 0;
  return outputs.map((to) => {
    const source = stridedIndices(to, strides, offset);
    offset += to[axis]! * strides[axis]!;
    return { data: [0], source };
  });
};

const concat: Selector = (view, [to]) => {
  const inputs = view.node.inputs.map((_, index) => dimsOf(view, index));
  if (!inputs.every((dims) => dims !== undefined)) return undefined;
  const axis = view.axis(intAttribute(view.node, "axis", 1), to!.length);
  const strides = stridesOf(to!);
  const source = new Int32Array(elementCount(to!));
  let read = 0;
  let offset = 0;
  for (const dims of inputs) {
    for (const target of stridedIndices(dims, strides, offset)) source[target] = read++;
    offset += dims[axis]! * strides[axis]!;
  }
  return [{ data: [...inputs.keys()], source }];
};

const gather: Selector = (view, [to]) => {
  const dims = dimsOf(view, 0);
  const indices = numbers(view, 1);
  if (dims === undefined || indices === undefined) return undefined;
  const axis = view.axis(intAttribute(view.node, "axis", 0), dims.length);
  const inner = elementCount(dims.slice(axis + 1));
  const size = dims[axis]!;
  const source = new Int32Array(elementCount(to!));
  let written = 0;
  for (let outer = 0; outer < elementCount(dims.slice(0, axis)); outer++) {
    for (const index of indices) {
      const first = (outer * size + view.axis(index, size)) * inner;
      for (let i = 0; i < inner; i++) source[written++] = first + i;
    }
  }
  return [{ data: [0], source }];
};

const expand: Selector = (view, [to]) => {
  const dims = dimsOf(view, 0);
  return dims && [{ data: [0], source: broadcastIndices(dims, to!) }];
};

/** Every axis becomes two, (repeat, original): repeats do not move in the input. */
const tile: Selector = (view, [to]) => {
  const dims = dimsOf(view, 0);
  if (dims === undefined) return undefined;
  const strides = stridesOf(dims);
  const pairs = dims.flatMap((dim, axis) => [dim === 0 ? 0 : to![axis]! / dim, dim]);
  return [
    {
      data: [0],
      source: stridedIndices(
        pairs,
        strides.flatMap((stride) => [0, stride]),
      ),
    },
  ];
};

const where: Selector = (view, [to]) => {
  const [condition, left, right] = [0, 1, 2].map((index) => dimsOf(view, index));
  const flags: readonly Dim[] | undefined = view.elements(0) ?? integersOf(view.constant(0));
  if (!condition || !left || !right || !flags) return undefined;
  const from = broadcastIndices(condition, to!);
  const lefts = broadcastIndices(left, to!);
  const rights = broadcastIndices(right, to!);
  const offset = elementCount(left);
  const source = from.map((at, i) => {
    const flag = flags[at];
    if (typeof flag !== "number") return UNKNOWN;
    return flag === 0 ? offset + rights[i]! : lefts[i]!;
  });
  return [{ data: [1, 2], source }];
};

/** Later updates of the same element win, as in ONNX Runtime. */
const scatterND: Selector = (view) => {
  const dims = dimsOf(view, 0);
  const indexDims = dimsOf(view, 1);
  const indices = numbers(view, 1);
  if (!dims || !indexDims || !indices) return undefined;
  if (stringAttribute(view.node, "reduction", "none") !== "none") return undefined;
  const depth = indexDims.at(-1)!;
  const inner = elementCount(dims.slice(depth));
  const strides = stridesOf(dims);
  const source = Int32Array.from({ length: elementCount(dims) }, (_, i) => i);
  for (let update = 0; update * depth < indices.length; update++) {
    let target = 0;
    for (let axis = 0; axis < depth; axis++) {
      target += view.axis(indices[update * depth + axis]!, dims[axis]!) * strides[axis]!;
    }
    for (let i = 0; i < inner; i++) source[target + i] = source.length + update * inner + i;
  }
  return [{ data: [0, 2], source }];
};

const triangle: Selector = (view, [dims]) => {
  const diagonal = view.has(1) ? numbers(view, 1)?.[0] : 0;
  if (diagonal === undefined) return undefined;
  const keepsUpper = intAttribute(view.node, "upper", 1) === 1;
  const [rows, columns] = [dims!.at(-2)!, dims!.at(-1)!];
  const source = Int32Array.from({ length: elementCount(dims!) }, (_, i) => {
    const distance = (i % columns) - (Math.floor(i / columns) % rows) - diagonal;
    return (keepsUpper ? distance >= 0 : distance <= 0) ? i : ZERO;
  });
  return [{ data: [0], source }];
};

export const selectors: ReadonlyMap<string, Selector> = new Map([
  ["Identity", sameOrder],
  ["Reshape", sameOrder],
  ["Flatten", sameOrder],
  ["Squeeze", sameOrder],
  ["Unsqueeze", sameOrder],
  ["Transpose", transpose],
  ["Slice", slice],
  ["Split", split],
  ["Concat", concat],
  ["Gather", gather],
  ["Expand", expand],
  ["Tile", tile],
  ["Where", where],
  ["ScatterND", scatterND],
  ["Trilu", triangle],
]);
