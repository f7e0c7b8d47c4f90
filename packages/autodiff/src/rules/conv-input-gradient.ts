import type { RuleContext } from "../context.js";
import { UnsupportedForm } from "../errors.js";
import { inputGradientForm } from "./conv-cost.js";
import { range } from "./layout.js";
import {
  cropToSizes,
  extents,
  isAll,
  spatialSizes,
  type Window,
  windowAttributes,
} from "./window.js";

/** The gradient of a convolution by its data: dx = Wᵀ dy. */
export function convInputGradient(c: RuleContext, window: Window, group: number): string {
  const form = inputGradientForm({
    weights: c.staticShape(c.input(1)),
    window,
    group,
    output: spatialSizes(c, c.output()),
  });
  return form === "rotated" ? rotated(c, window, group) : transposed(c, window, group);
}

/** For stride 1: a convolution with the kernels turned by 180°, and input and output channels swapped. */
function rotated(c: RuleContext, window: Window, group: number): string {
  const reach = extents(window).map((extent) => extent - 1);
  const weights = swapChannels(c, turnKernels(c, c.input(1), window), group);
  return c.op("Conv", [c.gradient(), weights], {
    dilations: window.dilations,
    pads: [window.begins, window.ends].flatMap((pads) => pads.map((pad, i) => reach[i]! - pad)),
    group,
  });
}

function turnKernels(c: RuleContext, weights: string, { kernel }: Window): string {
  if (isAll(kernel, 1)) return weights;
  const all = (value: number) => c.ints(kernel.map(() => value));
  const axes = c.ints(range(2, 2 + kernel.length));
  return c.op("Slice", [weights, all(-1), all(-(2 ** 31)), axes, all(-1)]);
}

/** From [G·m, n, kernel...] to [G·n, m, kernel...]. */
function swapChannels(c: RuleContext, weights: string, group: number): string {
  const rank = c.rank(c.input(1));
  if (group === 1) return c.op("Transpose", [weights], { perm: [1, 0, ...range(2, rank)] });
  const shape = c.staticShape(c.input(1));
  if (shape === undefined) throw new UnsupportedForm("the shape of its weights is not known");
  const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]];
  const perGroup = outputs / group;
  if (perGroup === 1 && inputs === 1) return weights;
  const split = c.op("Reshape", [weights, c.ints([group, perGroup, inputs, ...kernel])]);
  const swapped = c.op("Transpose", [split], { perm: [0, 2, 1, ...range(3, rank + 1)] });
  return c.op("Reshape", [swapped, c.ints([group * inputs, perGroup, ...kernel])]);
}

/** For any stride. Elements of x behind the last window come as extra output. */
function transposed(c: RuleContext, window: Window, group: number): string {
  const extra = extraOutput(c, window);
  const { strides } = window;
  const dx = c.op("ConvTranspose", [c.gradient(), c.input(1)], {
    ...windowAttributes(window),
    output_padding: extra ?? strides.map((stride) => stride - 1),
    group,
  });
  return extra === undefined && !isAll(strides, 1) ? cropToSizes(c, dx, c.input(0)) : dx;
}

function extraOutput(c: RuleContext, window: Window): number[] | undefined {
  const sizes = spatialSizes(c, c.input(0));
  const counts = spatialSizes(c, c.output());
  if (sizes === undefined || counts === undefined) return undefined;
  return extents(window).map((extent, axis) => {
    const padded = sizes[axis]! + window.begins[axis]! + window.ends[axis]!;
    return padded - extent - (counts[axis]! - 1) * window.strides[axis]!;
  });
}
