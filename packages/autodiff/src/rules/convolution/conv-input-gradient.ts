import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { range } from "../shapes/layout.js";
import { unfoldBatch } from "../windows/unfold.js";
import {
  cropToSizes,
  isAll,
  reachOf,
  restOf,
  spatialSizes,
  type Window,
  windowAttributes,
} from "../windows/window.js";
import { type ConvolutionSizes, type InputGradientForm, inputGradientForm } from "./conv-cost.js";

type Form = (c: RuleContext, window: Window, group: number) => string;

/** The gradient of a convolution by its data: dx = Wᵀ dy. */
export function convInputGradient(c: RuleContext, sizes: ConvolutionSizes): string {
  return forms[inputGradientForm(sizes)](c, sizes.window, sizes.group);
}

const forms: Readonly<Record<InputGradientForm, Form>> = { turned, unfolded, transposed };

/** A convolution of dy with the kernels turned by 180°, input and output channels swapped. */
function turned(c: RuleContext, window: Window, group: number): string {
  const weights = swapChannels(c, turnKernels(c, window), group);
  const { dilations, ends, begins } = aroundGradient(window);
  return c.op("Conv", [c.gradient(), weights], { dilations, pads: [...begins, ...ends], group });
}

/** The same as one product: [n, m · taps] · [m · taps, batch · positions]. The columns are turned. */
function unfolded(c: RuleContext, window: Window): string {
  const [outputs, inputs] = c.staticShape(c.input(1)) as [number, number];
  const matrix = c.op("Reshape", [swapChannels(c, c.input(1), 1), c.ints([inputs, -1])]);
  const around = aroundGradient(window);
  const columns = unfoldBatch(c, c.gradient(), outputs, around, "backward");
  const product = c.op("MatMul", [matrix, columns]);
  const sizes = spatialSizes(c, c.input(0))!;
  const images = c.op("Reshape", [product, c.ints([inputs, -1, ...sizes])]);
  return c.op("Transpose", [images], { perm: [1, 0, ...range(2, 2 + sizes.length)] });
}

/** How the turned kernels slide over the gradient. */
function aroundGradient(window: Window): Window {
  const reach = reachOf(window);
  const inverse = (pads: readonly number[]) => pads.map((pad, axis) => reach[axis]! - pad);
  return { ...window, begins: inverse(window.begins), ends: inverse(window.ends) };
}

function turnKernels(c: RuleContext, { kernel }: Window): string {
  const weights = c.input(1);
  if (isAll(kernel, 1)) return weights;
  const all = (value: number) => c.ints(kernel.map(() => value));
  const axes = c.ints(range(2, 2 + kernel.length));
  return c.op("Slice", [weights, all(-1), all(-(2 ** 31)), axes, all(-1)]);
}

/** From [group · m, n, kernel...] to [group · n, m, kernel...]. */
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

/** Elements of x behind the last window come as extra output; without sizes, what is too much goes. */
function transposed(c: RuleContext, window: Window, group: number): string {
  const sizes = spatialSizes(c, c.input(0));
  const counts = spatialSizes(c, c.output());
  const rest = sizes && counts && restOf(window, sizes, counts);
  const dx = c.op("ConvTranspose", [c.gradient(), c.input(1)], {
    ...windowAttributes(window),
    output_padding: rest ?? window.strides.map((stride) => stride - 1),
    group,
  });
  const isExact = rest !== undefined || isAll(window.strides, 1);
  return isExact ? dx : cropToSizes(c, dx, c.input(0));
}
