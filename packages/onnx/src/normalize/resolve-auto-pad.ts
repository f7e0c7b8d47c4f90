import { isStatic } from "../infer/dims.js";
import { intsAttribute, stringAttribute } from "../ir/attributes.js";
import type { Dim, Model, Shape } from "../ir/graph.js";
import { type Converter, type NodeRewriter, rewriteNodes } from "./rewrite.js";

/** Where the odd element of padding goes. */
type OddElement = "begin" | "end";

/** One spatial axis of a sliding window; `size` is that of the input and may be unknown. */
interface WindowAxis {
  readonly size: Dim;
  readonly stride: number;
  /** Elements from the first to the last that one window position covers. */
  readonly extent: number;
}

/**
 * Replaces `auto_pad` of convolutions and pools, and `output_shape` of transposed convolutions, by the
 * `pads` (and `output_padding`) that they stand for. A node whose padding depends on a size that is
 * not known stays. Types of the values must have been inferred.
 *
 * The formulas are those of the ONNX operator definitions of Conv, ConvTranspose and AveragePool.
 */
export function resolveAutoPad(model: Model): Model {
  return rewriteNodes(model, ({ domain, opType }) =>
    domain === "" ? converters.get(opType) : undefined,
  );
}

/** "SAME": as many positions as the input has elements, divided by the stride and rounded up. */
const forward: Converter = (rewriter) => {
  const autoPad = stringAttribute(rewriter.node, "auto_pad", "NOTSET");
  if (autoPad === "VALID") setPads(rewriter, undefined);
  if (!autoPad.startsWith("SAME")) return;
  const totals: Shape | undefined = windowOf(rewriter)?.map(({ size, stride, extent }) => {
    if (stride === 1) return extent - 1;
    if (typeof size !== "number") return null;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  });
  if (totals === undefined || !isStatic(totals)) return;
  const pads = distribute(totals, autoPad === "SAME_UPPER" ? "end" : "begin");
  // The padding is chosen so that nothing is left to round.
  const rounding = rewriter.node.attributes.has("ceil_mode") ? { ceil_mode: 0 } : {};
  setPads(rewriter, pads, rounding);
};

const transposed: Converter = (rewriter) => {
  const { node } = rewriter;
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  const outputShape = intsAttribute(node, "output_shape");
  if (outputShape === undefined && autoPad === "VALID") setPads(rewriter, undefined);
  if (outputShape === undefined && !autoPad.startsWith("SAME")) return;
  const window = windowOf(rewriter);
  const wanted = outputShape?.slice(-(window?.length ?? 0));
  const outputPadding = intsAttribute(node, "output_padding", window?.map(() => 0) ?? []);
  const surplus: Shape | undefined = window?.map(({ size, stride, extent }, axis) => {
    // Without an output shape it is size x stride, so that the size falls out.
    if (wanted === undefined) return extent + outputPadding[axis]! - stride;
    if (typeof size !== "number") return null;
    return stride * (size - 1) + extent + outputPadding[axis]! - wanted[axis]!;
  });
  if (surplus === undefined || !isStatic(surplus)) return;
  const totals = surplus.map((elements) => Math.max(0, elements));
  setPads(rewriter, distribute(totals, autoPad === "SAME_UPPER" ? "end" : "begin"), {
    output_shape: undefined,
    output_padding: outputPadding.map((given, axis) => given + Math.max(0, -surplus[axis]!)),
  });
};

const converters: ReadonlyMap<string, Converter> = new Map([
  ["Conv", forward],
  ["MaxPool", forward],
  ["AveragePool", forward],
  ["LpPool", forward],
  ["ConvTranspose", transposed],
]);

/** The window of a node whose kernel and number of axes are known. */
function windowOf(rewriter: NodeRewriter): WindowAxis[] | undefined {
  const { node } = rewriter;
  const sizes = rewriter.shape(rewriter.input(0))?.slice(2);
  const kernel = intsAttribute(node, "kernel_shape") ?? rewriter.shape(rewriter.input(1))?.slice(2);
  if (sizes === undefined || !isStatic(kernel)) return undefined;
  const ones = sizes.map(() => 1);
  const strides = intsAttribute(node, "strides", ones);
  const dilations = intsAttribute(node, "dilations", ones);
  return sizes.map((size, axis) => ({
    size,
    stride: strides[axis]!,
    extent: dilations[axis]! * (kernel[axis]! - 1) + 1,
  }));
}

/** All begins, then all ends, as ONNX lists them. */
function distribute(totals: readonly number[], odd: OddElement): number[] {
  const half = totals.map((total) => Math.floor(total / 2));
  const rest = totals.map((total) => Math.ceil(total / 2));
  return odd === "end" ? [...half, ...rest] : [...rest, ...half];
}

function setPads(
  rewriter: NodeRewriter,
  pads: readonly number[] | undefined,
  others: Parameters<NodeRewriter["keep"]>[0]["attributes"] = {},
): void {
  rewriter.keep({ attributes: { auto_pad: undefined, pads, ...others } });
}
