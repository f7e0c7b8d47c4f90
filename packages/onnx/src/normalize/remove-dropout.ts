import type { Model } from "../ir/graph.js";
import { type Converter, rewriteNodes } from "./rewrite.js";

/**
 * Turns `Dropout` that is not in training mode into `Identity`. One whose mask is read, or whose mode
 * is fed, stays.
 */
export function removeDropout(model: Model): Model {
  return rewriteNodes(model, ({ domain, opType }) =>
    domain === "" && opType === "Dropout" ? dropout : undefined,
  );
}

const dropout: Converter = (rewriter) => {
  const mode = rewriter.input(2);
  const isOff = mode === "" || rewriter.constant(mode)?.data[0] === 0;
  if (!isOff || rewriter.output(1) !== "") return;
  rewriter.op("Identity", [rewriter.input(0)], {}, rewriter.output(0));
};
