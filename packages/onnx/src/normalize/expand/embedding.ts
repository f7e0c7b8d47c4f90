import { floatAttribute } from "../../ir/attributes.js";
import { float } from "../../ir/build.js";
import { dataTypeCodes } from "../../ir/tensor/data-type-codes.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import type { ExpansionFamily } from "./family.js";

/**
 * Layer normalisation of the sum of word, position and segment embeddings. Inputs: word ids [batch,
 * length], segment ids, the three tables, gamma, beta, mask [batch, length], position ids. Outputs:
 * the result, the number of words that the mask keeps in each row, and the sum.
 */
const embedNormalization: Converter = (rewriter) => {
  const [ids, segmentIds, words, positions, segments, gamma, beta] = Array.from(
    { length: 7 },
    (_, index) => rewriter.input(index),
  ) as [string, string, string, string, string, string, string];
  const sum = rewriter.output(2) === "" ? undefined : rewriter.output(2);
  const terms = [
    rewriter.op("Gather", [words, ids]),
    positionRows(rewriter, ids, positions),
    ...(segments === "" ? [] : [rewriter.op("Gather", [segments, segmentIds])]),
  ];
  const [first, second, third] = terms as [string, string, string | undefined];
  const embedded =
    third === undefined
      ? rewriter.op("Add", [first, second], {}, sum)
      : rewriter.op("Add", [rewriter.op("Add", [first, second]), third], {}, sum);
  const epsilon = float(floatAttribute(rewriter.node, "epsilon", 1e-12));
  const inputs = [embedded, gamma, beta];
  rewriter.op("LayerNormalization", inputs, { axis: -1, epsilon }, rewriter.output(0));
  countWords(rewriter, ids);
};

/** The rows of the position table: those of the given ids, else one for each position. */
function positionRows(rewriter: NodeRewriter, ids: string, table: string): string {
  const given = rewriter.input(8);
  if (given !== "") return rewriter.op("Gather", [table, given]);
  const length = rewriter.op("Shape", [ids], { start: 1, end: 2 });
  return rewriter.op("Slice", [table, rewriter.ints([0]), length, rewriter.ints([0])]);
}

function countWords(rewriter: NodeRewriter, ids: string): void {
  const output = rewriter.output(1);
  if (output === "") return;
  const mask = rewriter.input(7);
  if (mask === "") {
    const rows = rewriter.op("Shape", [ids], { start: 0, end: 1 });
    const zero = { dtype: "int32", dims: [1], data: Int32Array.of(0) } as const;
    rewriter.op("ConstantOfShape", [rows], { value: zero }, output);
    return;
  }
  const count = rewriter.op("ReduceSum", [mask, rewriter.ints([1])], { keepdims: 0 });
  rewriter.op("Cast", [count], { to: dataTypeCodes.int32 }, output);
}

export const embeddingExpansions: ExpansionFamily = {
  microsoft: { EmbedLayerNormalization: embedNormalization },
};
