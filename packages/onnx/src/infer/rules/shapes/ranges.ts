import { intAttribute, intsAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape, TensorType } from "../../../ir/graph.js";
import { formatShape, sumOf, unifyDim } from "../../dims.js";
import type { Rule, RuleTable } from "../../rule.js";
import type { NodeView } from "../../view.js";
import { reshaped } from "./reshaped.js";

/** Operators that join tensors along an axis, cut ranges out of it, or widen it. */

const concat: Rule = (view) => {
  const indices = [...view.node.inputs.keys()];
  const dtype = view.sameDtype(indices);
  return [
    dtype && {
      dtype,
      shape: concatShape(
        view,
        indices.map((index) => view.shape(index)),
      ),
    },
  ];
};

function concatShape(view: NodeView, shapes: readonly (Shape | undefined)[]): Shape | undefined {
  const rank = shapes.find((shape) => shape !== undefined)?.length;
  if (rank === undefined) return undefined;
  const axis = view.axis(intAttribute(view.node, "axis", 1), rank);
  const joined = new Array<Dim>(rank).fill(null);
  for (const shape of shapes) {
    if (shape === undefined) continue;
    for (let other = 0; other < rank; other++) {
      const unified = shape.length === rank ? unifyDim(joined[other]!, shape[other]!) : undefined;
      if (other === axis && shape.length === rank) continue;
      if (unified === undefined)
        view.reject(`inputs that agree outside axis ${axis}`, formatShape(shape));
      joined[other] = unified;
    }
  }
  joined[axis] = sumOf(shapes.map((shape) => shape?.[axis] ?? null));
  return joined;
}

const split: Rule = (view) => {
  const dtype = view.dtype(0);
  const shape = view.shape(0);
  if (dtype === undefined) return [];
  if (shape === undefined) return view.node.outputs.map(() => ({ dtype, shape }));
  const axis = view.axis(intAttribute(view.node, "axis", 0), shape.length);
  return splitSizes(view, shape[axis]!).map(
    (size): TensorType => ({ dtype, shape: shape.with(axis, size) }),
  );
};

function splitSizes(view: NodeView, size: Dim): readonly Dim[] {
  const given = view.list("split", 1, 13);
  const parts = view.node.outputs.length;
  if (given === undefined) return new Array<Dim>(parts).fill(null);
  if (given === "absent") return equalParts(view, size, parts);
  const total = sumOf(given);
  if (given.length !== parts || unifyDim(total, size) === undefined) {
    view.reject(`${parts} sizes that add up to ${size ?? "the axis"}`, given.join(", "));
  }
  return given;
}

/** The last part is the smaller one when the size does not divide evenly (since operator set 18). */
function equalParts(view: NodeView, size: Dim, parts: number): readonly Dim[] {
  if (parts === 1) return [size];
  if (typeof size !== "number") return new Array<Dim>(parts).fill(null);
  if (view.opset < 18 && size % parts !== 0) view.reject(`a size divisible by ${parts}`, `${size}`);
  const part = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, index) =>
    Math.max(0, Math.min(part, size - index * part)),
  );
}

/** What `Slice` takes of one axis. */
export interface SliceRange {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: Dim;
}

/** The ranges that a `Slice` node asks for; `undefined` while they or their axes are not known. */
export function sliceRanges(view: NodeView, rank: number): SliceRange[] | undefined {
  const starts = view.list("starts", 1, 10);
  const ends = view.list("ends", 2, 10);
  const axes = view.list("axes", 3, 10);
  const steps = view.list("steps", 4, 10);
  if (starts === "absent" || ends === "absent") return view.reject("starts and ends", "none");
  if (axes === undefined) return undefined;
  const length = axes === "absent" ? (starts ?? ends)?.length : axes.length;
  if (length === undefined) return undefined;
  const normal = axes === "absent" ? [...new Array(length).keys()] : view.axes(axes, rank);
  return normal?.map((axis, at) => ({
    axis,
    start: starts?.[at] ?? null,
    end: ends?.[at] ?? null,
    step: steps === "absent" ? 1 : (steps?.[at] ?? null),
  }));
}

/** First index, and number of indices, that a range selects of an axis of known size. */
export function sliceExtent(
  size: number,
  range: SliceRange,
): { start: number; step: number; length: number } | undefined {
  const { start, end, step } = range;
  if (typeof start !== "number" || typeof end !== "number" || typeof step !== "number")
    return undefined;
  const fromFront = (index: number) => (index < 0 ? index + size : index);
  const clamp = (index: number, low: number, high: number) => Math.min(Math.max(index, low), high);
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const first = clamp(fromFront(start), Math.max(low, 0), high);
  const last = clamp(fromFront(end), low, high);
  return { start: first, step, length: Math.max(0, Math.ceil((last - first) / step)) };
}

/** Exporters write "to the end" as the largest int32 or int64, or something near it. */
const UNBOUNDED = 2 ** 31 - 1;

function slicedSize(size: Dim, range: SliceRange): Dim {
  if (typeof size === "number") {
    // A named end lies within the axis wherever the model is used as it is meant.
    if (typeof range.end === "string")
      return range.start === 0 && range.step === 1 ? range.end : null;
    return sliceExtent(size, range)?.length ?? null;
  }
  const toTheEnd = range.end === size || (typeof range.end === "number" && range.end >= UNBOUNDED);
  return range.start === 0 && range.step === 1 && toTheEnd ? size : null;
}

const slice = reshaped((view) => {
  const shape = view.shape(0);
  if (shape === undefined) return undefined;
  const sizes = [...shape];
  const ranges = sliceRanges(view, shape.length);
  if (ranges === undefined) return sizes.fill(null);
  for (const range of ranges) {
    if (range.step === 0) view.reject("steps other than 0", "a step of 0");
    sizes[range.axis] = slicedSize(shape[range.axis]!, range);
  }
  return sizes;
});

/** Padding of every axis, `[begin, end]`; `undefined` while it is not known. */
export function padAmounts(view: NodeView, rank: number): readonly [Dim, Dim][] | undefined {
  const pads = view.opset < 2 ? intsAttribute(view.node, "paddings") : view.list("pads", 1, 11);
  if (pads === undefined) return undefined;
  const listed = view.has(3) ? view.elements(3) : [...new Array(rank).keys()];
  const axes = listed && view.axes(listed, rank);
  if (axes === undefined) return undefined;
  if (pads === "absent" || pads.length !== 2 * axes.length) {
    view.reject(`${2 * axes.length} pads`, pads === "absent" ? "none" : pads.join(", "));
  }
  const amounts = Array.from({ length: rank }, (): [Dim, Dim] => [0, 0]);
  for (const [at, axis] of axes.entries()) amounts[axis] = [pads[at]!, pads[at + axes.length]!];
  return amounts;
}

const pad = reshaped((view) => {
  const shape = view.shape(0);
  if (shape === undefined) return undefined;
  const amounts = padAmounts(view, shape.length);
  if (amounts === undefined) return shape.map(() => null);
  return shape.map((dim, axis) => sumOf([dim, ...amounts[axis]!]));
});

export const rangeRules: RuleTable = {
  Concat: { 1: concat },
  Split: { 2: split },
  Slice: { 1: slice },
  Pad: { 1: pad },
};
