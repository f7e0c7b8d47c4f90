import { float, intsAttribute, stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { type GradientTable, missingGradients, rule } from "../../rule.js";
import { gridSampleGradient } from "./grid-sample.js";
import { constantNumbers, multiplyTransposed, positiveAxis, range } from "./layout.js";

/** Operators that resample a grid. */
export const resizeGradients: GradientTable = {
  // Interpolation is a matrix along each axis: Y = A X, dX = Aᵀ dY.
  Resize: rule((c) => {
    const policy = stringAttribute(c.node, "keep_aspect_ratio_policy", "stretch");
    if (policy !== "stretch") throw new UnsupportedForm(`its sizes are adjusted (${policy})`);
    const rank = c.rank(c.input(0));
    const axes = intsAttribute(c.node, "axes", range(0, rank));
    let gradient = c.gradient();
    for (const [at, axis] of axes.entries()) {
      const place = positiveAxis(axis, rank);
      if (!isResized(c, place, at)) continue;
      const matrix = interpolationMatrix(c, place, at, axes.length);
      gradient = multiplyTransposed(c, gradient, place, rank, matrix);
    }
    return [gradient];
  }),

  ...missingGradients(["Upsample"], "it is an old form of Resize, which normalisation replaces"),
  GridSample: rule(gridSampleGradient),

  ...missingGradients(["RoiAlign"], "it is not needed in models that are fine-tuned as a whole"),
};

/** Inputs of `Resize`. */
const [REGION, SCALES, SIZES] = [1, 2, 3];

/** Whether an axis changes at all, as far as the constants tell. */
function isResized(c: RuleContext, axis: number, at: number): boolean {
  if (regionOf(c) !== undefined) return true;
  const scale = constantNumbers(c, SCALES)?.[at];
  if (scale !== undefined) return scale !== 1;
  const [before, after] = [c.input(0), c.output()].map((value) => c.shape(value)?.[axis]);
  return before === null || before === undefined || before !== after;
}

/** The part of the input to read: [starts, ends], in one coordinate mode only. */
function regionOf(c: RuleContext): readonly number[] | undefined {
  const mode = stringAttribute(c.node, "coordinate_transformation_mode", "half_pixel");
  if (mode !== "tf_crop_and_resize") return undefined;
  const region = constantNumbers(c, REGION);
  if (region === undefined) throw new UnsupportedForm("its region of interest is not constant");
  return region;
}

/**
 * The matrix of one axis, [new size, size]. The same operator makes it, from the columns of an
 * identity matrix, so it holds for every mode, and runtimes fold it to a constant where sizes are.
 */
function interpolationMatrix(c: RuleContext, axis: number, at: number, count: number): string {
  const size = sizeAlong(c, c.input(0), axis);
  const square = c.op("Concat", [size, size], { axis: 0 });
  const identity = c.op("EyeLike", [c.op("ConstantOfShape", [square])], { dtype: 1 });
  const image = c.op("Unsqueeze", [identity, c.ints([0, 1])]);
  const attributes = new Map(c.node.attributes);
  attributes.delete("axes");
  // A row without an inside neighbour has no part in the gradient.
  attributes.set("extrapolation_value", float(0));
  const region = regionOf(c);
  const bounds = region && [0, 0, region[at]!, 0, 1, 1, region[at + count]!, 1];
  const resized = c.op(
    "Resize",
    [image, bounds === undefined ? "" : c.floats(bounds, [8]), ...targetOf(c, axis, at, size)],
    Object.fromEntries(attributes),
  );
  return c.op("Squeeze", [resized, c.ints([0, 1])]);
}

/** Scales, or sizes, of an image that is resized along its rows only. */
function targetOf(c: RuleContext, axis: number, at: number, size: string): string[] {
  if (c.has(SIZES)) {
    const rows = sizeAlong(c, c.output(), axis);
    return ["", c.op("Concat", [c.ints([1, 1]), rows, size], { axis: 0 })];
  }
  const ones = (count: number) => c.floats(new Array<number>(count).fill(1), [count]);
  const scale = c.op("Slice", [c.input(SCALES), c.ints([at]), c.ints([at + 1])]);
  return [c.op("Concat", [ones(2), scale, ones(1)], { axis: 0 })];
}

function sizeAlong(c: RuleContext, value: string, axis: number): string {
  const size = c.shape(value)?.[axis];
  return typeof size === "number"
    ? c.ints([size])
    : c.op("Shape", [value], { start: axis, end: axis + 1 });
}
