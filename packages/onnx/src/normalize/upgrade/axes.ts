import { intAttribute, intsAttribute } from "../../ir/attributes.js";
import type { Converter } from "../rewrite.js";
import type { UpgradeSteps } from "./steps.js";

/** Lists of axes and sizes that became inputs. */

/** Squeeze, Unsqueeze and the reductions: `axes` becomes input 1; none means all axes. */
const axesToInput: Converter = (rewriter) => {
  const axes = intsAttribute(rewriter.node, "axes", []);
  const inputs = [rewriter.input(0), axes.length === 0 ? "" : rewriter.ints(axes)];
  rewriter.keep({ inputs, attributes: { axes: undefined } });
};

const splitToInput: Converter = (rewriter) => {
  const split = intsAttribute(rewriter.node, "split");
  if (split === undefined) return;
  const inputs = [rewriter.input(0), rewriter.ints(split)];
  rewriter.keep({ inputs, attributes: { split: undefined } });
};

/** Without sizes, the number of parts is stated since operator set 18. */
const splitCount: Converter = (rewriter) => {
  if (rewriter.input(1) !== "") return;
  rewriter.keep({ attributes: { num_outputs: rewriter.node.outputs.length } });
};

const discreteFourier: Converter = (rewriter) => {
  const axis = rewriter.tensor({
    dtype: "int64",
    dims: [],
    data: BigInt64Array.of(BigInt(intAttribute(rewriter.node, "axis", 1))),
  });
  const inputs = [rewriter.input(0), rewriter.input(1), axis];
  rewriter.keep({ inputs, attributes: { axis: undefined } });
};

const otherReductions = [
  ...["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax"],
  ...["ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"],
];

export const axesSteps: UpgradeSteps = {
  Squeeze: { 13: axesToInput },
  Unsqueeze: { 13: axesToInput },
  ReduceSum: { 13: axesToInput },
  ...Object.fromEntries(otherReductions.map((operator) => [operator, { 18: axesToInput }])),
  Split: { 13: splitToInput, 18: splitCount },
  DFT: { 20: discreteFourier },
};
