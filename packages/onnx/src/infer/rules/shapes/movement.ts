import { intAttribute, intsAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape } from "../../../ir/graph.js";
import {
  broadcastShapes,
  divideProducts,
  formatShape,
  isStatic,
  productOf,
  unifyDim,
} from "../../dims.js";
import type { Rule, RuleTable } from "../../rule.js";
import { sameAsInput } from "../../rule.js";
import type { NodeView } from "../../view.js";
import { reshaped } from "./reshaped.js";

/** Operators that rearrange or repeat the elements of one tensor. */

const reshape = reshaped((view) => {
  const requested = view.list("shape", 1, 5);
  if (requested === "absent") return view.reject("a shape", "none");
  if (requested === undefined) return undefined;
  const input = view.shape(0);
  const copiesZero = intAttribute(view.node, "allowzero", 0) === 0;
  const target = requested.map((dim, axis) => {
    if (dim !== 0 || !copiesZero) return dim;
    if (input !== undefined && axis >= input.length) {
      view.reject("a 0 in the shape to stand for an axis of the input", formatShape(requested));
    }
    return input?.[axis] ?? null;
  });
  return completeShape(view, input, target);
});

/** Works out the one size of `target` that is -1 or unknown, and checks the number of elements. */
function completeShape(view: NodeView, input: Shape | undefined, target: readonly Dim[]): Shape {
  const isOpen = (dim: Dim) => dim === -1 || dim === null;
  if (target.filter((dim) => dim === -1).length > 1) {
    view.reject("at most one -1 in the shape", formatShape(target));
  }
  const open = target.filter(isOpen).length;
  const rest =
    input &&
    divideProducts(
      input,
      target.filter((dim) => !isOpen(dim)),
    );
  const leftOver = open === 0 && typeof rest === "number" && rest !== 1;
  if (input !== undefined && (rest === undefined || leftOver)) {
    view.reject(`a shape for as many elements as ${formatShape(input)} has`, formatShape(target));
  }
  const size = open === 1 ? (rest ?? null) : null;
  return target.map((dim) => (isOpen(dim) ? size : dim));
}

const flatten = reshaped((view) => {
  const shape = view.shape(0);
  if (shape === undefined) return [null, null];
  const axis = intAttribute(view.node, "axis", 1);
  // One past the last axis is allowed: the second size is then 1.
  const split = axis === shape.length ? axis : view.axis(axis, shape.length);
  return [productOf(shape.slice(0, split)), productOf(shape.slice(split))];
});

const squeeze = reshaped((view) => {
  const shape = view.shape(0);
  const axes = view.list("axes", 1, 13);
  if (shape === undefined || axes === undefined) return undefined;
  if (axes === "absent") return isStatic(shape) ? shape.filter((dim) => dim !== 1) : undefined;
  const dropped = view.axes(axes, shape.length);
  for (const axis of dropped ?? []) {
    if (unifyDim(shape[axis]!, 1) === undefined)
      view.reject(`axis ${axis} of size 1`, formatShape(shape));
  }
  return dropped && shape.filter((_, axis) => !dropped.includes(axis));
});

const unsqueeze = reshaped((view) => {
  const shape = view.shape(0);
  const axes = view.list("axes", 1, 13);
  if (axes === "absent") return view.reject("axes", "none");
  if (shape === undefined || axes === undefined) return undefined;
  const rank = shape.length + axes.length;
  const added = view.axes(axes, rank);
  if (added === undefined) return undefined;
  const rest = shape.values();
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.next().value!));
});

/** The order of the input's axes in the output. */
export function permutationOf(view: NodeView, rank: number): readonly number[] {
  const reversed = Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const permutation = intsAttribute(view.node, "perm", reversed);
  const isPermutation =
    new Set(permutation).size === rank && permutation.every((axis) => axis >= 0 && axis < rank);
  if (permutation.length !== rank || !isPermutation) {
    view.reject(`a permutation of ${rank} axes`, permutation.join(", "));
  }
  return permutation;
}

const transpose = reshaped((view) => {
  const shape = view.shape(0);
  return shape && permutationOf(view, shape.length).map((axis) => shape[axis]!);
});

const expand = reshaped((view) => {
  const input = view.shape(0);
  const target = view.elements(1);
  if (input === undefined || target === undefined) return undefined;
  const shape = broadcastShapes([input, target]);
  return (
    shape ?? view.reject(`a shape that broadcasts with ${formatShape(input)}`, formatShape(target))
  );
});

const tile = reshaped((view) => {
  const shape = view.shape(0);
  const repeats = view.elements(1);
  if (shape === undefined || repeats === undefined) return repeats?.map(() => null);
  if (repeats.length !== shape.length) view.reject(`${shape.length} repeats`, repeats.join(", "));
  return shape.map((dim, axis) => productOf([dim, repeats[axis]!]));
});

/** Before operator set 6: along one axis. */
const tileAxis = reshaped((view) => {
  const [repeats, axis] = [view.elements(1)?.[0], view.elements(2)?.[0]];
  const shape = view.shape(0);
  if (shape === undefined || typeof axis !== "number") return shape?.map(() => null);
  return shape.with(axis, productOf([shape[view.axis(axis, shape.length)]!, repeats ?? null]));
});

/** `DepthToSpace` and its inverse move factors of `blocksize` between channels and space. */
function blocks(toSpace: boolean): Rule {
  return reshaped((view) => {
    const shape = view.requireRank(0, 4);
    const size = intAttribute(view.node, "blocksize") ?? view.reject("a blocksize", "none");
    if (shape === undefined) return undefined;
    const scale = (dim: Dim, grow: boolean, factor: number): Dim => {
      if (grow) return productOf([dim, factor]);
      const quotient = divideProducts([dim], [factor]);
      return quotient === undefined
        ? view.reject(`sizes divisible by ${factor}`, formatShape(shape))
        : quotient;
    };
    const [batch, channels, height, width] = shape as readonly [Dim, Dim, Dim, Dim];
    return [
      batch,
      scale(channels, !toSpace, size * size),
      scale(height, toSpace, size),
      scale(width, toSpace, size),
    ];
  });
}

export const movementRules: RuleTable = {
  Reshape: { 1: reshape },
  Flatten: { 1: flatten },
  Squeeze: { 1: squeeze },
  Unsqueeze: { 1: unsqueeze },
  Transpose: { 1: transpose },
  Expand: { 8: expand },
  Tile: { 1: tileAxis, 6: tile },
  DepthToSpace: { 1: blocks(true) },
  SpaceToDepth: { 1: blocks(false) },
  ReverseSequence: { 10: sameAsInput },
  Trilu: { 14: sameAsInput },
};
