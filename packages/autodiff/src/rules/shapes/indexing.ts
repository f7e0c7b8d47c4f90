import { intAttribute, stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { type GradientTable, missingGradients, rule } from "../../rule.js";
import {
  constantNumbers,
  placeSlices,
  positionGrid,
  positiveAxis,
  range,
  scatterFlat,
  sizesAround,
} from "./layout.js";

/**
 * Operators that pick elements by index. The gradient of an element is the sum over its copies, which
 * only ScatterElements adds up reliably: ONNX Runtime's ScatterND lets threads race for a place.
 */
export const indexingGradients: GradientTable = {
  Gather: rule((c) => {
    const axis = axisOf(c, 0);
    const positions = distinctPositions(c, axis);
    if (positions !== undefined) {
      const size = c.shape(c.input(0))![axis] as number;
      return [placeSlices(c, alongOneAxis(c, axis), axis, positions, size)];
    }
    return [addAlong(c, alongOneAxis(c, axis), c.input(1), axis)];
  }),

  GatherElements: rule((c) => {
    const inputs = [c.zerosLike(c.input(0)), c.input(1), c.gradient()];
    return [c.op("ScatterElements", inputs, { axis: axisOf(c, 0), reduction: "add" })];
  }),

  // The same pick from a grid of positions tells where each element came from.
  GatherND: rule((c) => {
    const batch_dims = intAttribute(c.node, "batch_dims", 0);
    const grid = positionGrid(c, c.input(0));
    const positions = c.op("GatherND", [grid, c.input(1)], { batch_dims });
    return [scatterFlat(c, c.gradient(), positions, c.input(0))];
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

  ...missingGradients(
    ["Scatter"],
    "it is an old form of ScatterElements, which normalisation replaces",
  ),
  ...missingGradients(["Unique"], "which elements are kept depends on their values"),
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
