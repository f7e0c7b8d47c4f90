import { floatAttribute, intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../context.js";
import { UnsupportedForm } from "../errors.js";
import { axesAroundChannels, perChannel, sumPerChannel } from "./channels.js";
import { meanOver, type Standardized, standardize } from "./standardize.js";

/** The positions of the inputs of `BatchNormalization`. */
const [SCALE, BIAS, MEAN, VARIANCE] = [1, 2, 3, 4];

/** y = x̂ scale + bias, where x̂ is x in units of stored or of the batch's own statistics. */
export function batchNormalizationGradient(c: RuleContext): (string | undefined)[] {
  return intAttribute(c.node, "training_mode", 0) === 0 ? fromStored(c) : fromBatch(c);
}

function epsilonOf(c: RuleContext): number {
  return floatAttribute(c.node, "epsilon", 1e-5);
}

/**
 * With r = 1 / √(variance + ε), every channel is a line: dx = g scale r; dscale = Σ g x̂; dbias = Σ g;
 * dmean = −scale r Σ g; dvariance = −½ scale r² Σ g x̂.
 */
function fromStored(c: RuleContext): (string | undefined)[] {
  const [scale, mean] = [c.input(SCALE), c.input(MEAN)];
  const variance = () => c.op("Add", [c.input(VARIANCE), c.scalar(epsilonOf(c))]);
  const deviation = () => c.op("Sqrt", [variance()]);
  const slope = () => c.op("Div", [scale, deviation()]);
  const dx = c.wants(0) ? c.op("Mul", [c.gradient(), perChannel(c, slope())]) : undefined;
  const dbias = c.wants(BIAS) || c.wants(MEAN) ? sumPerChannel(c, c.gradient()) : undefined;
  let dscale: string | undefined;
  if (c.wants(SCALE) || c.wants(VARIANCE)) {
    // Σ g x̂ = r Σ g (x − mean): x̂ itself is not needed.
    const centred = c.op("Sub", [c.input(0), perChannel(c, mean)]);
    const product = c.op("Mul", [c.gradient(), centred]);
    dscale = c.op("Div", [sumPerChannel(c, product), deviation()]);
  }
  const dmean = dbias && c.wants(MEAN) ? c.op("Mul", [dbias, c.op("Neg", [slope()])]) : undefined;
  const dvariance =
    dscale && c.wants(VARIANCE)
      ? c.op("Mul", [dscale, c.op("Div", [c.op("Mul", [scale, c.scalar(-0.5)]), variance()])])
      : undefined;
  return [dx, dscale, dbias, dmean, dvariance];
}

/**
 * Mean and variance move with x: dx = scale r (g − mean(g) − x̂ mean(g x̂)). The two means are those
 * that dbias and dscale have as sums. The stored statistics have no part in y.
 */
function fromBatch(c: RuleContext): (string | undefined)[] {
  if (c.hasGradient(1) || c.hasGradient(2)) {
    throw new UnsupportedForm("the loss depends on its running statistics");
  }
  const dbias = c.wants(BIAS) ? sumPerChannel(c, c.gradient()) : undefined;
  if (!c.wants(0) && !c.wants(SCALE)) return [undefined, undefined, dbias];
  const standard = standardize(c, c.input(0), axesAroundChannels(c), epsilonOf(c));
  const product = c.op("Mul", [c.gradient(), standard.value]);
  const dx = c.wants(0) ? throughStatistics(c, standard, product) : undefined;
  return [dx, c.wants(SCALE) ? sumPerChannel(c, product) : undefined, dbias];
}

function throughStatistics(c: RuleContext, standard: Standardized, product: string): string {
  const axes = axesAroundChannels(c);
  const { value, inverseDeviation } = standard;
  const centred = c.op("Sub", [c.gradient(), meanOver(c, c.gradient(), axes)]);
  const rest = c.op("Sub", [centred, c.op("Mul", [value, meanOver(c, product, axes)])]);
  const slope = c.op("Mul", [perChannel(c, c.input(SCALE)), inverseDeviation]);
  return c.op("Mul", [rest, slope]);
}
