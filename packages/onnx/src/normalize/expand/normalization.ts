import { floatAttribute, intAttribute, intsAttribute } from "../../ir/attributes.js";
import { float } from "../../ir/build.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import type { ExpansionFamily } from "./family.js";

/** `scale x / sqrt(mean(x^2) + epsilon)` over the axes from `axis` on. */
function rootMeanSquare(
  rewriter: NodeRewriter,
  parts: {
    readonly x: string;
    readonly scale: string;
    readonly axis: number;
    readonly epsilon: number;
  },
): void {
  const { x, scale, epsilon } = parts;
  const axes = lastAxes(rewriter, x, parts.axis);
  if (axes === undefined) return;
  const square = rewriter.op("Mul", [x, x]);
  const mean = rewriter.op("ReduceMean", [square, rewriter.ints(axes)], { keepdims: 1 });
  const shifted = rewriter.op("Add", [mean, rewriter.scalarLike(x, epsilon)]);
  const normal = rewriter.op("Div", [x, rewriter.op("Sqrt", [shifted])]);
  rewriter.op("Mul", [normal, scale], {}, rewriter.output(0));
}

/** The axes from `axis` on, counted from the end. */
function lastAxes(rewriter: NodeRewriter, x: string, axis: number): number[] | undefined {
  const rank = rewriter.shape(x)?.length;
  const count = axis < 0 ? -axis : rank && rank - axis;
  if (count === undefined) return undefined;
  return Array.from({ length: count }, (_, index) => index - count);
}

const simplified: Converter = (rewriter) => {
  if (rewriter.output(1) !== "") return;
  rootMeanSquare(rewriter, {
    x: rewriter.input(0),
    scale: rewriter.input(1),
    axis: intAttribute(rewriter.node, "axis", -1),
    epsilon: floatAttribute(rewriter.node, "epsilon", 1e-5),
  });
};

/** The sum of input, skip and bias, which may be an output of its own. */
function residualSum(rewriter: NodeRewriter, bias: string): string {
  const sum = rewriter.output(3) === "" ? undefined : rewriter.output(3);
  const inputs = [rewriter.input(0), rewriter.input(1)];
  if (bias === "") return rewriter.op("Add", inputs, {}, sum);
  return rewriter.op("Add", [rewriter.op("Add", inputs), bias], {}, sum);
}

/** Mean and deviation as outputs are no part of ONNX Runtime's kernels either. */
function wantsStatistics(rewriter: NodeRewriter): boolean {
  return rewriter.output(1) !== "" || rewriter.output(2) !== "";
}

/** Layer normalisation of the sum of input 0, skip (1) and bias (4), by gamma (2) and beta (3). */
const skipNormalization: Converter = (rewriter) => {
  if (wantsStatistics(rewriter)) return;
  const sum = residualSum(rewriter, rewriter.input(4));
  const inputs = [sum, rewriter.input(2), rewriter.input(3)];
  const epsilon = float(floatAttribute(rewriter.node, "epsilon", 1e-12));
  rewriter.op("LayerNormalization", inputs, { axis: -1, epsilon }, rewriter.output(0));
};

const skipSimplified: Converter = (rewriter) => {
  if (wantsStatistics(rewriter)) return;
  rootMeanSquare(rewriter, {
    x: residualSum(rewriter, rewriter.input(3)),
    scale: rewriter.input(2),
    axis: -1,
    epsilon: floatAttribute(rewriter.node, "epsilon", 1e-12),
  });
};

/** What the definition of MeanVarianceNormalization adds to the standard deviation. */
const DEVIATION_OFFSET = 1e-9;

const meanVariance: Converter = (rewriter) => {
  const x = rewriter.input(0);
  const axes = rewriter.ints(intsAttribute(rewriter.node, "axes", [0, 2, 3]));
  const mean = rewriter.op("ReduceMean", [x, axes], { keepdims: 1 });
  const centred = rewriter.op("Sub", [x, mean]);
  const square = rewriter.op("Mul", [centred, centred]);
  const variance = rewriter.op("ReduceMean", [square, axes], { keepdims: 1 });
  const offset = rewriter.scalarLike(x, DEVIATION_OFFSET);
  const deviation = rewriter.op("Add", [rewriter.op("Sqrt", [variance]), offset]);
  rewriter.op("Div", [centred, deviation], {}, rewriter.output(0));
};

export const normalizationExpansions: ExpansionFamily = {
  onnx: {
    RMSNormalization: simplified,
    // ONNX Runtime keeps this one of its own in the ONNX domain.
    SimplifiedLayerNormalization: simplified,
    MeanVarianceNormalization: meanVariance,
  },
  microsoft: {
    SimplifiedLayerNormalization: simplified,
    SkipLayerNormalization: skipNormalization,
    SkipSimplifiedLayerNormalization: skipSimplified,
  },
};
