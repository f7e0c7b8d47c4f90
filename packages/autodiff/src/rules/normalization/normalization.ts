import { floatAttribute, intAttribute, intsAttribute } from "@engraft/onnx";
import { sumToShape } from "../../broadcasting.js";
import type { RuleContext } from "../../context.js";
import { type GradientTable, rule } from "../../rule.js";
import { positiveAxis, range } from "../shapes/layout.js";
import { perChannel, sumPerChannel } from "../windows/channels.js";
import { batchNormalizationGradient } from "./batch-normalization.js";
import { localResponseGradient } from "./local-response.js";
import {
  type Standardized,
  scaledToOneGradient,
  scaleToOne,
  standardize,
  standardizedGradient,
  standardizeLastAxes,
} from "./standardize.js";

/** Operators that bring elements to a common scale. x̂ is the input in standard units. */
export const normalizationGradients: GradientTable = {
  BatchNormalization: rule(batchNormalizationGradient),

  // y = x̂ scale + bias over the last axes
  LayerNormalization: rule((c) => {
    const axes = lastAxes(c);
    return affineGradients(c, {
      standardize: () => standardizeLastAxes(c, c.input(0), axes, epsilonOf(c)),
      scale: () => c.input(1),
      toInput: (gradient, standard) => standardizedGradient(c, gradient, standard, axes),
      toParameter: (gradient, index) =>
        sumToShape(c, gradient, c.shape(c.output()), c.input(index)),
    });
  }),

  // y = x̂ scale over the last axes, without taking the mean off
  RMSNormalization: rule(rootMeanSquareGradient),
  SimplifiedLayerNormalization: rule(rootMeanSquareGradient),

  // y = x̂ scale + bias over the spatial axes, a scale for each channel
  InstanceNormalization: rule((c) => {
    const axes = range(2, c.rank(c.input(0)));
    return affineGradients(c, {
      standardize: () => standardize(c, c.input(0), axes, epsilonOf(c)),
      scale: () => perChannel(c, c.input(1)),
      toInput: (gradient, standard) => standardizedGradient(c, gradient, standard, axes),
      toParameter: (gradient) => sumPerChannel(c, gradient),
    });
  }),

  // The same over groups of channels: [batch, groups, rest]
  GroupNormalization: rule((c) => {
    const sizes = [0, intAttribute(c.node, "num_groups", 1), -1];
    const inGroups = (value: string) => c.op("Reshape", [value, c.ints(sizes)]);
    const whole = (value: string) => c.reshapeLike(value, c.input(0));
    return affineGradients(c, {
      standardize: () => standardize(c, inGroups(c.input(0)), [2], epsilonOf(c)),
      inInputShape: whole,
      scale: () => perChannel(c, c.input(1)),
      toInput: (gradient, standard) =>
        whole(standardizedGradient(c, inGroups(gradient), standard, [2])),
      toParameter: (gradient) => sumPerChannel(c, gradient),
    });
  }),

  // y = x̂; ONNX adds 1e-9 where it divides.
  MeanVarianceNormalization: rule((c) => {
    const axes = intsAttribute(c.node, "axes", [0, 2, 3]);
    const standard = standardize(c, c.input(0), axes, 1e-9);
    return [standardizedGradient(c, c.gradient(), standard, axes)];
  }),

  // y = x / |x|: dx = (g − d|x| Σ g y) / |x|, where d|x| is y for the 2-norm and sign(x) for the 1-norm.
  // Zeros stay zeros.
  LpNormalization: rule((c) => {
    const axes = c.ints([intAttribute(c.node, "axis", -1)]);
    const isEuclidean = intAttribute(c.node, "p", 2) === 2;
    const projected = c.op("ReduceSum", [c.op("Mul", [c.gradient(), c.output()]), axes]);
    const norm = c.op(isEuclidean ? "ReduceL2" : "ReduceL1", [c.input(0), axes]);
    const slope = isEuclidean ? c.output() : c.op("Sign", [c.input(0)]);
    const tangent = c.op("Sub", [c.gradient(), c.op("Mul", [slope, projected])]);
    const isZero = c.op("Equal", [norm, c.scalar(0)]);
    const inverse = c.op("Where", [isZero, c.scalar(0), c.op("Reciprocal", [norm])]);
    return [c.op("Mul", [tangent, inverse])];
  }),

  LRN: rule(localResponseGradient),
};

function epsilonOf(c: RuleContext): number {
  return floatAttribute(c.node, "epsilon", 1e-5);
}

function lastAxes(c: RuleContext): number[] {
  const rank = c.rank(c.input(0));
  return range(positiveAxis(intAttribute(c.node, "axis", -1), rank), rank);
}

function rootMeanSquareGradient(c: RuleContext): (string | undefined)[] {
  const axes = lastAxes(c);
  return affineGradients(c, {
    standardize: () => scaleToOne(c, c.input(0), axes, epsilonOf(c)),
    scale: () => c.input(1),
    toInput: (gradient, standard) => scaledToOneGradient(c, gradient, standard, axes),
    toParameter: (gradient, index) => sumToShape(c, gradient, c.shape(c.output()), c.input(index)),
  });
}

/** How one operator of the form y = x̂ scale + bias finds x̂, and lays out its parameters. */
interface AffineNormalization {
  readonly standardize: () => Standardized;
  /** Gives x̂ the shape of the input. Default: it has that shape. */
  readonly inInputShape?: (value: string) => string;
  /** The scale in a shape that broadcasts to the input. */
  readonly scale: () => string;
  /** The gradient by x from the gradient by x̂. */
  readonly toInput: (gradient: string, standard: Standardized) => string;
  /** Sums a gradient to the shape of a parameter. */
  readonly toParameter: (gradient: string, index: number) => string;
}

/** Gradients by x, scale and bias of y = x̂ scale + bias. */
function affineGradients(c: RuleContext, form: AffineNormalization): (string | undefined)[] {
  const { inInputShape = (value) => value } = form;
  // Written before the first node that reads the gradient, it runs only when that one is due.
  const standard = c.wants(0) || c.wants(1) ? form.standardize() : undefined;
  const gradients = new Array<string | undefined>(3).fill(undefined);
  if (standard !== undefined && c.wants(0)) {
    gradients[0] = form.toInput(c.op("Mul", [c.gradient(), form.scale()]), standard);
  }
  if (standard !== undefined && c.wants(1)) {
    const product = c.op("Mul", [c.gradient(), inInputShape(standard.value)]);
    gradients[1] = form.toParameter(product, 1);
  }
  if (c.has(2) && c.wants(2)) gradients[2] = form.toParameter(c.gradient(), 2);
  return gradients;
}
