import { intAttribute } from "../../ir/attributes.js";
import type { Converter } from "../rewrite.js";
import { cannotUpgrade, type UpgradeSteps } from "./steps.js";

/**
 * Until operator set 12 these took the product of all axes from `axis` on as one axis, and `axis` was
 * 1 unless given. Where more than one axis is meant, the data is reshaped around the operator.
 */
const coerced: Converter = (rewriter) => {
  const [input, output] = [rewriter.input(0), rewriter.output(0)];
  const rank = rewriter.shape(input)?.length;
  const stated = intAttribute(rewriter.node, "axis", 1);
  if (rank === undefined && stated !== -1) {
    throw cannotUpgrade(
      rewriter,
      "it depends on the number of axes of its input, which is unknown",
    );
  }
  const axis = stated < 0 ? stated + (rank ?? 0) : stated;
  if (stated === -1 || axis === rank! - 1) {
    rewriter.keep({ attributes: { axis: -1 } });
    return;
  }
  const flat = rewriter.op("Flatten", [input], { axis });
  const result = rewriter.op(rewriter.node.opType, [flat], { axis: -1 });
  rewriter.op("Reshape", [result, rewriter.op("Shape", [input])], {}, output);
};

export const softmaxSteps: UpgradeSteps = {
  Softmax: { 13: coerced },
  LogSoftmax: { 13: coerced },
  Hardmax: { 13: coerced },
};
