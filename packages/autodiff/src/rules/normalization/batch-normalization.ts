import { elementCount, floatAttribute, intAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import { affinePerChannel, perChannel, sumPerChannel } from "../windows/channels.js";

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
 * Mean and variance move with x. With x̄ = x − mean: dx = scale r (g − mean(g) − x̄ r² mean(g x̄)). The
 * two means are the sums of dbias and dscale. The stored statistics have no part in y.
 */
function fromBatch(c: RuleContext): (string | undefined)[] {
  if (c.hasGradient(1) || c.hasGradient(2)) {
    throw new UnsupportedForm("the loss depends on its running statistics");
  }
  const sumOfGradient = () => sumPerChannel(c, c.gradient());
  if (!c.wants(0) && !c.wants(SCALE)) return [undefined, undefined, sumOfGradient()];
  const share = shareOfOne(c);
  const mean = (sum: string) => c.op("Mul", [sum, share]);
  const average = (value: string) => mean(sumPerChannel(c, value));
  const outputs = statisticsOf(c);
  const centre = outputs?.mean ?? average(c.input(0));
  const centred = c.op("Sub", [c.input(0), perChannel(c, centre)]);
  const variance = outputs?.variance ?? average(c.op("Mul", [centred, centred]));
  const deviation = c.op("Sqrt", [c.op("Add", [variance, c.scalar(epsilonOf(c))])]);
  const product = sumPerChannel(c, c.op("Mul", [c.gradient(), centred]));
  const dscale = c.wants(SCALE) ? c.op("Div", [product, deviation]) : undefined;
  if (!c.wants(0)) return [undefined, dscale, c.wants(BIAS) ? sumOfGradient() : undefined];

  const dbias = sumOfGradient();
  const tilt = c.op("Div", [mean(product), c.op("Mul", [deviation, deviation])]);
  const slope = c.op("Div", [c.input(SCALE), deviation]);
  const against = c.op("Neg", [slope]);
  const level = c.op("Mul", [against, mean(dbias)]);
  const corrections = affinePerChannel(c, centred, c.op("Mul", [against, tilt]), level);
  const dx = c.op("Add", [affinePerChannel(c, c.gradient(), slope), corrections]);
  return [dx, dscale, dbias];
}

/** Where nothing of the running statistics stays, the node's further outputs are those of the batch. */
function statisticsOf(c: RuleContext): { mean: string; variance: string } | undefined {
  const [mean, variance] = [c.output(1), c.output(2)];
  const stays = floatAttribute(c.node, "momentum", 0.9) !== 0;
  return stays || mean === "" || variance === "" ? undefined : { mean, variance };
}

/** 1 / number of elements in a channel of the batch. */
function shareOfOne(c: RuleContext): string {
  const shape = c.staticShape(c.input(0));
  if (shape !== undefined) return c.scalar(shape[1]! / elementCount(shape));
  const [all, channels] = [c.input(0), c.input(SCALE)].map((value) =>
    c.asNumbers(c.op("Size", [value])),
  );
  return c.op("Div", [channels!, all!]);
}
