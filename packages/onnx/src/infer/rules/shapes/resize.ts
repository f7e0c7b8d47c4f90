import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "../../../ir/attributes.js";
import type { Dim, Shape } from "../../../ir/graph.js";
import type { RuleTable } from "../../rule.js";
import type { NodeView } from "../../view.js";
import { reshaped } from "./reshaped.js";

/** Operators that resample a grid. */

/** Sizes after scaling every axis; the spec rounds down. */
function scaled(view: NodeView, shape: Shape, scales: readonly Dim[] | undefined): Shape {
  if (scales === undefined) return shape.map(() => null);
  if (scales.length !== shape.length) view.reject(`${shape.length} scales`, scales.join(", "));
  return shape.map((dim, axis) => {
    const scale = scales[axis];
    if (scale === 1) return dim;
    return typeof dim === "number" && typeof scale === "number" ? Math.floor(dim * scale) : null;
  });
}

/** With an aspect-ratio policy all sizes follow the one scale that keeps within (or covers) them. */
function keepAspectRatio(
  shape: Shape,
  axes: readonly number[],
  sizes: readonly Dim[],
  policy: string,
): readonly Dim[] {
  if (policy === "stretch") return sizes;
  const ratios: number[] = [];
  for (const [at, axis] of axes.entries()) {
    const [size, dim] = [sizes[at], shape[axis]];
    if (typeof size !== "number" || typeof dim !== "number") return sizes.map(() => null);
    ratios.push(size / dim);
  }
  const ratio = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return axes.map((axis) => Math.round(ratio * Number(shape[axis])));
}

const resize = reshaped((view) => {
  const shape = view.shape(0);
  if (shape === undefined) return undefined;
  const every = [...shape.keys()];
  const axes = view.axes(intsAttribute(view.node, "axes", every), shape.length) ?? every;
  // Until operator set 11 the scales were input 1; now that is the region of interest.
  const scalesInput = view.opset < 11 ? 1 : 2;
  const target = [...shape];
  if (view.has(3)) {
    const sizes = view.elements(3) ?? axes.map(() => null);
    if (sizes.length !== axes.length) view.reject(`${axes.length} sizes`, sizes.join(", "));
    const policy = stringAttribute(view.node, "keep_aspect_ratio_policy", "stretch");
    for (const [at, size] of keepAspectRatio(shape, axes, sizes, policy).entries())
      target[axes[at]!] = size;
    return target;
  }
  const part = scaled(
    view,
    axes.map((axis) => shape[axis]!),
    view.elements(scalesInput),
  );
  for (const [at, size] of part.entries()) target[axes[at]!] = size;
  return target;
});

/** The predecessor of Resize: its scales were an attribute before operator set 9. */
const upsample = reshaped((view) => {
  const shape = view.shape(0);
  const scales = view.opset < 9 ? floatsAttribute(view.node, "scales") : view.elements(1);
  return shape && scaled(view, shape, scales);
});

/** Before operator set 7 there were two scales, of the last axes. */
const upsamplePlane = reshaped((view) => {
  const shape = view.requireRank(0, 4);
  const [height, width] = ["height_scale", "width_scale"].map((name) =>
    floatAttribute(view.node, name, 1),
  );
  return shape && scaled(view, shape, [1, 1, height!, width!]);
});

const gridSample = reshaped((view) => {
  const input = view.shape(0);
  const grid = view.shape(1);
  return input && grid && [input[0] ?? null, input[1] ?? null, ...grid.slice(1, -1)];
});

const regionAlign = reshaped((view) => [
  view.shape(1)?.[0] ?? null,
  view.shape(0)?.[1] ?? null,
  intAttribute(view.node, "output_height", 1),
  intAttribute(view.node, "output_width", 1),
]);

export const resizeRules: RuleTable = {
  Resize: { 10: resize },
  Upsample: { 1: upsamplePlane, 7: upsample },
  GridSample: { 16: gridSample },
  RoiAlign: { 10: regionAlign },
};
