import type { Model } from "../ir/graph.js";
import { numbersOf } from "../ir/tensor/tensor-data.js";
import { type Converter, rewriteNodes } from "./rewrite.js";

/**
 * Writes the pads of every axis where a `Pad` names the axes that it pads. ONNX Runtime 1.30 moves
 * transpositions through such nodes wrongly, and gradients are full of transpositions. Types of the
 * values must have been inferred.
 */
export function writeOutPadAxes(model: Model): Model {
  return rewriteNodes(model, ({ domain, opType, inputs }) =>
    domain === "" && opType === "Pad" && (inputs[3] ?? "") !== "" ? writeOut : undefined,
  );
}

const writeOut: Converter = (rewriter) => {
  const rank = rewriter.shape(rewriter.input(0))?.length;
  const pads = rewriter.constant(rewriter.input(1));
  const axes = rewriter.constant(rewriter.input(3));
  if (rank === undefined || pads === undefined || axes === undefined) return;
  const named = numbersOf(axes);
  const amounts = numbersOf(pads);
  const all = new Array<number>(2 * rank).fill(0);
  named.forEach((axis, index) => {
    const place = axis < 0 ? axis + rank : axis;
    all[place] = amounts[index]!;
    all[place + rank] = amounts[index + named.length]!;
  });
  const written = rewriter.tensor({
    dtype: "int64",
    dims: [2 * rank],
    data: BigInt64Array.from(all, BigInt),
  });
  rewriter.keep({ inputs: [rewriter.input(0), written, rewriter.input(2)] });
};
