import { floatAttribute, intAttribute } from "../../ir/attributes.js";
import { scalarOf } from "../../ir/tensor/tensor-data.js";
import type { Converter, NodeRewriter } from "../rewrite.js";
import type { ExpansionFamily } from "./family.js";
import { mergeHeads, splitHeads } from "./heads.js";

/** "To the end", as a slice says it. */
const END = 2 ** 31 - 1;

/** Rotation of pairs of features by the angles of their position. */
interface Rotation {
  /** [batch, heads, length, size] */
  readonly data: string;
  /** Cosines and sines [batch or 1, 1, length, rotated / 2]. */
  readonly cosines: string;
  readonly sines: string;
  /** How many features of a head are rotated, from the first; 0 for all. */
  readonly rotated: number;
  /** Whether pairs are neighbours; else one of each half. */
  readonly interleaved: boolean;
  readonly output: string | undefined;
}

function rotate(rewriter: NodeRewriter, rotation: Rotation): string {
  const { data, cosines, sines, rotated, interleaved, output } = rotation;
  const part = (value: string, start: number, end: number, step = 1) =>
    rewriter.op("Slice", [
      value,
      ...[[start], [end], [-1], [step]].map((list) => rewriter.ints(list)),
    ]);
  const head = rotated === 0 ? data : part(data, 0, rotated);
  const [a, b] = interleaved
    ? [part(head, 0, END, 2), part(head, 1, END, 2)]
    : halves(rewriter, head);
  const multiply = (x: string, y: string) => rewriter.op("Mul", [x, y]);
  const first = rewriter.op("Sub", [multiply(a!, cosines), multiply(b!, sines)]);
  const second = rewriter.op("Add", [multiply(a!, sines), multiply(b!, cosines)]);
  const pieces = interleaved ? [weave(rewriter, first, second)] : [first, second];
  if (rotated !== 0) pieces.push(part(data, rotated, END));
  return rewriter.op("Concat", pieces, { axis: -1 }, output);
}

function halves(rewriter: NodeRewriter, value: string): [string, string] {
  const [first, second] = [rewriter.fresh("Split"), rewriter.fresh("Split")];
  rewriter.ops("Split", [value], [first, second], { axis: -1, num_outputs: 2 });
  return [first, second];
}

/** Puts the elements of two tensors by turns. */
function weave(rewriter: NodeRewriter, first: string, second: string): string {
  const [a, b] = [first, second].map((value) =>
    rewriter.op("Unsqueeze", [value, rewriter.ints([-1])]),
  );
  const pairs = rewriter.op("Concat", [a!, b!], { axis: -1 });
  return rewriter.op("Reshape", [pairs, rewriter.ints([0, 0, 0, -1])]);
}

/** Rotates input 0 by tables [batch or 1, length, rotated / 2]. */
function rotateInput(rewriter: NodeRewriter, tables: readonly string[], heads: number): void {
  const { node } = rewriter;
  const input = rewriter.input(0);
  const isMerged = rewriter.shape(input)?.length === 3;
  const headAxis = rewriter.ints([1]);
  const [cosines, sines] = tables.map((table) => rewriter.op("Unsqueeze", [table, headAxis]));
  const rotated = rotate(rewriter, {
    data: isMerged ? splitHeads(rewriter, input, heads) : input,
    cosines: cosines!,
    sines: sines!,
    rotated: intAttribute(node, "rotary_embedding_dim", 0),
    interleaved: intAttribute(node, "interleaved", 0) === 1,
    output: isMerged ? undefined : rewriter.output(0),
  });
  if (isMerged) mergeHeads(rewriter, rotated, rewriter.output(0));
}

/** Number of heads; 0 where the input has them split, `undefined` where it is not known. */
function headsOf(rewriter: NodeRewriter, table: string): number | undefined {
  const shape = rewriter.shape(rewriter.input(0));
  if (shape?.length === 4) return 0;
  const given = intAttribute(rewriter.node, "num_heads", 0);
  if (shape?.length !== 3 || given > 0) return shape && given;
  const [hidden, half] = [shape[2], rewriter.shape(table)?.at(-1)];
  return typeof hidden === "number" && typeof half === "number" ? hidden / (2 * half) : undefined;
}

/** Inputs: data, tables of cosines and sines, position ids. */
const rotaryEmbedding: Converter = (rewriter) => {
  const [, cosines = "", sines = "", positions = ""] = rewriter.node.inputs;
  const heads = headsOf(rewriter, cosines);
  if (heads === undefined) return;
  const tables = [cosines, sines].map((table) =>
    positions === "" ? table : rewriter.op("Gather", [table, positions]),
  );
  rotateInput(rewriter, tables, heads);
};

/** Inputs: data, position ids [batch, length] or the first position [1], cosines, sines. */
const microsoftRotaryEmbedding: Converter = (rewriter) => {
  const { node } = rewriter;
  const [input = "", positions = "", cosines = "", sines = ""] = node.inputs;
  const heads = headsOf(rewriter, cosines);
  const rank = rewriter.shape(positions)?.length;
  const isPlain =
    intAttribute(node, "is_packed_batching", 0) === 0 && floatAttribute(node, "scale", 1) === 1;
  if (heads === undefined || !isPlain || (rank !== 1 && rank !== 2)) return;
  const rows = rank === 2 ? positions : positionsFrom(rewriter, input, positions);
  const tables = [cosines, sines].map((table) => rewriter.op("Gather", [table, rows]));
  rotateInput(rewriter, tables, heads);
};

/** The positions [1, length] of the data that begin at the first one. */
function positionsFrom(rewriter: NodeRewriter, input: string, first: string): string {
  const lengthAxis = rewriter.shape(input)!.length - 2;
  const length = rewriter.op("Shape", [input], { start: lengthAxis, end: lengthAxis + 1 });
  const [zero, one] = [0, 1].map((value) => rewriter.tensor(scalarOf("int64", value)));
  const offsets = rewriter.op("Range", [zero!, rewriter.op("Squeeze", [length]), one!]);
  const shifted = rewriter.op("Add", [offsets, first]);
  return rewriter.op("Unsqueeze", [shifted, rewriter.ints([0])]);
}

export const rotaryExpansions: ExpansionFamily = {
  onnx: { RotaryEmbedding: rotaryEmbedding },
  microsoft: { RotaryEmbedding: microsoftRotaryEmbedding },
};
