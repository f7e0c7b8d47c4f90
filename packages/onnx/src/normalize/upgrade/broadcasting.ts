import { intAttribute } from "../../ir/attributes.js";
import type { Shape } from "../../ir/graph.js";
import { elementCount } from "../../ir/tensor/tensor-data.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import { cannotUpgrade, type UpgradeSteps } from "./steps.js";

/**
 * Until operator set 7 shapes had to be equal, unless `broadcast` was set: the second input was then
 * stretched to the first, from `axis` on where it was given, and else at the last axes, as now.
 */
const alignSecond: Converter = (rewriter) => {
  const stretches = intAttribute(rewriter.node, "broadcast", 0) === 1;
  const axis = stretches ? intAttribute(rewriter.node, "axis") : undefined;
  const second = axis === undefined ? rewriter.input(1) : alignedAt(rewriter, axis);
  rewriter.keep({
    inputs: [rewriter.input(0), second],
    attributes: { broadcast: undefined, axis: undefined },
  });
};

/** The second input with as many axes behind its own as the first has behind them. */
function alignedAt(rewriter: NodeRewriter, axis: number): string {
  const second = rewriter.input(1);
  const [outer, inner] = [rankOf(rewriter, 0), rankOf(rewriter, 1)];
  // One number stands for all, wherever it is put.
  if (inner === 0) return second;
  const first = axis < 0 ? axis + outer : axis;
  const behind = outer - inner - first;
  if (behind < 0 || first < 0) {
    throw cannotUpgrade(
      rewriter,
      `its second input of ${inner} axes does not fit in the ${outer} of the first at axis ${axis}`,
    );
  }
  return withAxesBehind(rewriter, second, inner, behind);
}

function withAxesBehind(rewriter: NodeRewriter, name: string, rank: number, count: number): string {
  if (count === 0) return name;
  return rewriter.op("Unsqueeze", [name], {
    axes: Array.from({ length: count }, (_, index) => rank + index),
  });
}

function rankOf(rewriter: NodeRewriter, index: number): number {
  return shapeOf(rewriter, index).length;
}

function shapeOf(rewriter: NodeRewriter, index: number): Shape {
  const name = rewriter.input(index);
  const shape = rewriter.constant(name)?.dims ?? rewriter.shape(name);
  if (shape !== undefined) return shape;
  throw cannotUpgrade(
    rewriter,
    `it depends on the number of axes of input ${index}, which is unknown`,
  );
}

/** Before operator set 7 a slope of more than one number was one a channel, and channels are axis 1. */
const slopePerChannel: Converter = (rewriter) => {
  const shape = shapeOf(rewriter, 1);
  const isOne = shape.every((size) => size === 1);
  if (isOne && shape.length < 2) return;
  if (shape.length !== 1) {
    throw cannotUpgrade(rewriter, "its slope is neither one number nor one a channel");
  }
  const behind = Math.max(0, rankOf(rewriter, 0) - 2);
  const slope = withAxesBehind(rewriter, rewriter.input(1), 1, behind);
  rewriter.keep({ inputs: [rewriter.input(0), slope] });
};

/** The third operand is always stretched now; in operator set 6 its last axes were aligned as well. */
const stretchThird: Converter = (rewriter) =>
  rewriter.keep({ attributes: { broadcast: undefined } });

/** `Tile` of operator set 5 repeated along one axis, given as scalars. */
const repeatsOfAllAxes: Converter = (rewriter) => {
  const [tiles, axis] = [1, 2].map((index) => {
    const tensor = rewriter.constant(rewriter.input(index));
    if (tensor !== undefined && elementCount(tensor.dims) === 1) return Number(tensor.data[0]);
    throw cannotUpgrade(rewriter, `input ${index} is not one constant number`);
  }) as [number, number];
  const rank = rankOf(rewriter, 0);
  const at = axis < 0 ? axis + rank : axis;
  const repeats = Array.from({ length: rank }, (_, index) => (index === at ? tiles : 1));
  rewriter.keep({ inputs: [rewriter.input(0), rewriter.ints(repeats)] });
};

const pairs = [
  ...["Add", "Sub", "Mul", "Div", "Pow"],
  ...["And", "Or", "Xor", "Equal", "Greater", "Less"],
];

export const broadcastingSteps: UpgradeSteps = {
  ...Object.fromEntries(pairs.map((operator) => [operator, { 7: alignSecond }])),
  PRelu: { 7: slopePerChannel },
  Gemm: { 7: stretchThird },
  Tile: { 6: repeatsOfAllAxes },
};
