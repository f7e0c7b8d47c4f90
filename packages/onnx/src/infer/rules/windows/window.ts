import { intsAttribute, stringAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape } from "../../../ir/graph.js";
import type { NodeView } from "../../view.js";

/** How a window slides along one spatial axis. */
export interface WindowAxis {
  readonly kernel: Dim;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  /** Extra elements at the end of a transposed convolution's output. */
  readonly outputPadding: number;
  /** Padding is chosen so that the output has `ceil(input / stride)` elements. */
  readonly same: boolean;
}

/** Reads the window attributes that convolutions and pools share, for `rank` spatial axes. */
export function windowOf(
  view: NodeView,
  rank: number,
  kernelSizes: Shape | undefined,
): WindowAxis[] {
  const kernel = intsAttribute(view.node, "kernel_shape", kernelSizes);
  const perAxis = (name: string, fallback: number, count: number = rank) => {
    const values = intsAttribute(view.node, name, new Array<number>(count).fill(fallback));
    if (values.length !== count) view.reject(`${count} values in ${name}`, values.join(", "));
    return values;
  };
  if (kernel !== undefined && kernel.length !== rank) {
    view.reject(`a kernel of ${rank} axes`, kernel.join(", "));
  }
  const autoPad = stringAttribute(view.node, "auto_pad", "NOTSET");
  const pads =
    autoPad === "NOTSET" ? perAxis("pads", 0, 2 * rank) : new Array<number>(2 * rank).fill(0);
  const strides = perAxis("strides", 1);
  const dilations = perAxis("dilations", 1);
  const outputPadding = perAxis("output_padding", 0);
  return strides.map((stride, axis) => ({
    kernel: kernel?.[axis] ?? null,
    stride,
    dilation: dilations[axis]!,
    begin: pads[axis]!,
    end: pads[axis + rank]!,
    outputPadding: outputPadding[axis]!,
    same: autoPad.startsWith("SAME"),
  }));
}

/** Number of window positions along each axis. */
export function windowSizes(sizes: Shape, window: readonly WindowAxis[], ceil: boolean): Dim[] {
  return window.map((axis, at) => positions(sizes[at]!, axis, ceil));
}

function positions(size: Dim, axis: WindowAxis, ceil: boolean): Dim {
  const { kernel, stride, dilation, begin, end } = axis;
  if (axis.same) {
    if (stride === 1) return size;
    return typeof size === "number" ? Math.ceil(size / stride) : null;
  }
  if (typeof kernel !== "number") return null;
  const slack = begin + end - dilation * (kernel - 1) - 1;
  if (stride === 1 && slack === -1) return size;
  if (typeof size !== "number") return null;
  const last = (size + slack) / stride;
  if (!ceil) return Math.max(0, Math.floor(last) + 1);
  const count = Math.ceil(last) + 1;
  // A window may hang over the end, and must not start beyond the input.
  return (count - 1) * stride >= size + begin ? count - 1 : count;
}

/** Sizes that a transposed convolution with this window makes. */
export function transposedSizes(sizes: Shape, window: readonly WindowAxis[]): Dim[] {
  return window.map((axis, at) => {
    const size = sizes[at];
    const { kernel, stride, dilation, begin, end, outputPadding } = axis;
    if (axis.same) return typeof size === "number" ? size * stride : null;
    if (typeof size !== "number" || typeof kernel !== "number") return null;
    return stride * (size - 1) + outputPadding + dilation * (kernel - 1) + 1 - begin - end;
  });
}
