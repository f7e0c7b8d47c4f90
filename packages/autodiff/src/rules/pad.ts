import { stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../context.js";
import { UnsupportedForm } from "../errors.js";
import { constantNumbers, matrixOf, multiplyTransposed, positiveAxis, range } from "./layout.js";

/**
 * Constant padding is cut off again, and its value gets the sum of what was cut off. The other modes
 * read an element of the input at each position of the output, which is a matrix of zeros and ones
 * along each padded axis.
 */
export function padGradient(c: RuleContext): (string | undefined)[] {
  if (stringAttribute(c.node, "mode", "constant") !== "constant") return [foldBorders(c)];
  const amounts = constantNumbers(c, 1);
  const inverse =
    amounts === undefined ? c.op("Neg", [c.input(1)]) : c.ints(amounts.map((amount) => -amount));
  const inner = c.op("Pad", [c.gradient(), inverse, ...(c.has(3) ? ["", c.input(3)] : [])]);
  if (!c.has(2) || !c.wants(2)) return [inner];
  const total = (value: string) => c.op("ReduceSum", [value], { keepdims: 0 });
  const outer = c.op("Sub", [total(c.gradient()), total(inner)]);
  return [inner, undefined, c.reshapeLike(outer, c.input(2))];
}

function foldBorders(c: RuleContext): string {
  const mode = stringAttribute(c.node, "mode", "constant");
  const rank = c.rank(c.input(0));
  const pads = constantNumbers(c, 1);
  const axes = c.has(3) ? constantNumbers(c, 3) : range(0, rank);
  if (pads === undefined || axes === undefined) {
    throw new UnsupportedForm(`the amounts of its ${mode} padding are not constant`);
  }
  let gradient = c.gradient();
  for (const [at, axis] of axes.entries()) {
    const [begin, end] = [pads[at]!, pads[at + axes.length]!];
    if (begin === 0 && end === 0) continue;
    const place = positiveAxis(axis, rank);
    const size = c.shape(c.input(0))?.[place];
    if (typeof size !== "number") {
      throw new UnsupportedForm(
        `the size of axis ${place}, which has ${mode} padding, is not known`,
      );
    }
    const rows = range(-begin, size + end).map((position) => {
      const source = sourceOf(mode, position, size);
      return range(0, size).map((column) => (column === source ? 1 : 0));
    });
    gradient = multiplyTransposed(c, gradient, place, rank, matrixOf(c, rows));
  }
  return gradient;
}

/** The element that is read at a position, which may lie outside. */
function sourceOf(mode: string, position: number, size: number): number {
  if (mode === "edge") return Math.min(Math.max(position, 0), size - 1);
  const period = mode === "wrap" ? size : Math.max(1, 2 * (size - 1));
  const inside = ((position % period) + period) % period;
  return inside < size ? inside : period - inside;
}
