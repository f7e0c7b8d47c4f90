import { intAttribute, intsAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { type GradientTable, rule } from "../../rule.js";
import { sumPerChannel } from "../windows/channels.js";
import { cropToSizes, type Window, windowAttributes, windowOf } from "../windows/window.js";
import { channelMatrixGradients } from "./channel-matrices.js";
import { convolutionSizes, isMatrixPerChannel } from "./conv-cost.js";
import { convInputGradient } from "./conv-input-gradient.js";
import { convWeightGradient } from "./conv-weight-gradient.js";

/** Convolutions: linear in the data and in the weights. db = Σ dy for each channel. */
export const convolutionGradients: GradientTable = {
  // yᵢ = Σ W x over the window at i
  Conv: rule((c) => {
    const [data, gradient] = [c.input(0), c.gradient()];
    const window = windowOf(c, c.shape(c.input(1))?.slice(2));
    const group = intAttribute(c.node, "group", 1);
    const sizes = convolutionSizes(c, data, c.output(), window, group);
    if (isMatrixPerChannel(sizes)) return [...channelMatrixGradients(c, sizes), biasGradient(c)];
    return [
      c.wants(0) ? convInputGradient(c, sizes) : undefined,
      c.wants(1)
        ? convWeightGradient(c, { data, like: c.input(0), gradient, of: c.output(), window, group })
        : undefined,
      biasGradient(c),
    ];
  }),

  // The transpose of that: dx is the convolution of dy, and in dW the two have changed places.
  ConvTranspose: rule((c) => {
    const [data, gradient] = [c.gradient(), c.input(0)];
    if (c.node.attributes.has("output_shape")) {
      throw new UnsupportedForm("its padding (output_shape) depends on sizes that are not known");
    }
    const window = windowOf(c, c.shape(c.input(1))?.slice(2));
    const group = intAttribute(c.node, "group", 1);
    return [
      c.wants(0) ? convolve(c, window, group) : undefined,
      c.wants(1)
        ? convWeightGradient(c, { data, like: c.output(), gradient, of: c.input(0), window, group })
        : undefined,
      biasGradient(c),
    ];
  }),
};

function biasGradient(c: RuleContext): string | undefined {
  return c.has(2) && c.wants(2) ? sumPerChannel(c, c.gradient()) : undefined;
}

/** Extra output of a stride or more would be convolved to more positions than there were. */
function convolve(c: RuleContext, window: Window, group: number): string {
  const dx = c.op("Conv", [c.gradient(), c.input(1)], { ...windowAttributes(window), group });
  const extra = intsAttribute(c.node, "output_padding", []);
  const isExact = extra.every((amount, axis) => amount < window.strides[axis]!);
  return isExact ? dx : cropToSizes(c, dx, c.input(0));
}
