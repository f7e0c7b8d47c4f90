import { intAttribute, stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../context.js";
import { UnsupportedForm } from "../errors.js";
import { type GradientTable, rule } from "../rule.js";
import {
  constantNumbers,
  placeSlices,
  positiveAxis,
  range,
  scatterFlat,
  sizesAround,
} from "./layout.js";

/** Operators that pick elements by index. The gradient of an element is the sum over its copies. */
export const indexingGradients: GradientTable = {
  Gather: rule((c) => {
    const axis = axisOf(c, 0);
    const positions = distinctPositions(c, axis);
    if (positions !== undefined) {
      const size = c.shape(c.input(0))![axis] as number;
      return [placeSlices(c, alongOneAxis(c, axis), axis, positions, size)];
    }
    return [axis === 0 ? addRows(c) : addAlong(c, alongOneAxis(c, axis), c.input(1), axis)];
  }),

  GatherElements: rule((c) => {
    const inputs = [c.zerosLike(c.input(0)), c.input(1), c.gradient()];
    return [c.op("ScatterElements", inputs, { axis: axisOf(c, 0), reduction: "add" })];
  }),

  GatherND: rule((c) => {
    const indices = batchedIndices(c);
    const inputs = [c.zerosLike(c.input(0)), indices, c.gradient()];
    return [c.op("ScatterND", inputs, { reduction: "add" })];
  }),

  // What was overwritten gets no gradient; what was written gets that of its place.
  ScatterElements: rule((c) => {
    const axis = axisOf(c, 0);
    return scatterGradients(c, {
      clear: (updates) => c.op("ScatterElements", [c.gradient(), c.input(1), updates], { axis }),
      pick: () => c.op("GatherElements", [c.gradient(), c.input(1)], { axis }),
    });
  }),
  ScatterND: rule((c) =>
    scatterGradients(c, {
      clear: (updates) => c.op("ScatterND", [c.gradient(), c.input(1), updates]),
      pick: () => c.op("GatherND", [c.gradient(), c.input(1)]),
    }),
  ),

  // Each value came from one place, which the second output tells.
  TopK: rule((c) => {
    const inputs = [c.zerosLike(c.input(0)), indicesOfTopK(c), c.gradient()];
    return [c.op("ScatterElements", inputs, { axis: axisOf(c, -1) })];
  }),

  Compress: rule((c) => {
    const kept = c.op("Reshape", [c.op("NonZero", [c.input(1)]), c.ints([-1])]);
    const hasAxis = c.node.attributes.has("axis");
    if (!hasAxis) return [scatterFlat(c, c.gradient(), kept, c.input(0))];
    return [addAlong(c, c.gradient(), kept, axisOf(c, 0))];
  }),
};

function axisOf(c: RuleContext, fallback: number): number {
  return positiveAxis(intAttribute(c.node, "axis", fallback), c.rank(c.input(0)));
}

/** The constant indices of a `Gather`, if no index is there twice and the axis has a known size. */
function distinctPositions(c: RuleContext, axis: number): number[] | undefined {
  const size = c.shape(c.input(0))?.[axis];
  if (typeof size !== "number") return undefined;
  const positions = constantNumbers(c, 1)?.map((index) => positiveAxis(index, size));
  return new Set(positions).size === positions?.length ? positions : undefined;
}

/** The gradient of a `Gather` with all axes of the indices joined to one: the rank of the data. */
function alongOneAxis(c: RuleContext, axis: number): string {
  const rank = c.rank(c.input(1));
  if (rank === 1) return c.gradient();
  if (rank === 0) return c.op("Unsqueeze", [c.gradient(), c.ints([axis])]);
  return c.op("Reshape", [c.gradient(), sizesAround(c, c.input(0), axis, -1)]);
}

/** Adds slices of a gradient to zeros by their positions along an axis of the node's first input. */
function addAlong(c: RuleContext, gradient: string, indices: string, axis: number): string {
  const data = c.input(0);
  const shape = range(0, c.rank(data)).map((other) => (other === axis ? -1 : 1));
  const column = c.op("Reshape", [indices, c.ints(shape)]);
  const wide = c.op("Expand", [column, c.op("Shape", [gradient])]);
  const inputs = [c.zerosLike(data), wide, gradient];
  return c.op("ScatterElements", inputs, { axis, reduction: "add" });
}

/** Adds the rows of an embedding's gradient to a table of zeros. */
function addRows(c: RuleContext): string {
  const indices = c.op("Unsqueeze", [c.input(1), c.ints([-1])]);
  const inputs = [c.zerosLike(c.input(0)), indices, c.gradient()];
  return c.op("ScatterND", inputs, { reduction: "add" });
}

/** The indices of a `GatherND` with the position along each batch axis in front. */
function batchedIndices(c: RuleContext): string {
  const batchRank = intAttribute(c.node, "batch_dims", 0);
  const indices = c.input(1);
  if (batchRank === 0) return indices;
  const rank = c.rank(indices);
  const sizes = c.op("Shape", [indices], { end: -1 });
  const wide = c.op("Concat", [sizes, c.ints([1])], { axis: 0 });
  const number = (value: bigint) =>
    c.builder.constant({ dtype: "int64", dims: [], data: BigInt64Array.of(value) });
  const positions = range(0, batchRank).map((axis) => {
    const size = c.op("Gather", [sizes, number(BigInt(axis))], { axis: 0 });
    const counted = c.op("Range", [number(0n), size, number(1n)]);
    const shape = range(0, rank).map((other) => (other === axis ? -1 : 1));
    return c.op("Expand", [c.op("Reshape", [counted, c.ints(shape)]), wide]);
  });
  return c.op("Concat", [...positions, indices], { axis: -1 });
}

/** The two gradients that scatters without reduction and with addition have. */
function scatterGradients(
  c: RuleContext,
  form: { readonly clear: (updates: string) => string; readonly pick: () => string },
): (string | undefined)[] {
  const reduction = stringAttribute(c.node, "reduction", "none");
  if (reduction !== "none" && reduction !== "add") {
    throw new UnsupportedForm(
      `gradients are known for reduction "none" and "add", not "${reduction}"`,
    );
  }
  const data = () => (reduction === "add" ? c.gradient() : form.clear(c.zerosLike(c.input(2))));
  return [c.wants(0) ? data() : undefined, undefined, c.wants(2) ? form.pick() : undefined];
}

function indicesOfTopK(c: RuleContext): string {
  const indices = c.output(1);
  if (indices !== "") return indices;
  const attributes = Object.fromEntries(c.node.attributes);
  return c.builder.ops("TopK", c.node.inputs, 2, attributes)[1]!;
}
