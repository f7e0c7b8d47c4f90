import { stringAttribute } from "@engraft/onnx";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";
import {
  constantNumbers,
  matrixOf,
  multiplyTransposed,
  padWithZeros,
  positiveAxis,
  range,
} from "./layout.js";

/** Elements that are added before and after, by axis. */
type Paddings = ReadonlyMap<number, readonly [begin: number, end: number]>;

/**
 * Constant padding is cut off again, and its value gets the sum of what was cut off. The other modes
 * read an element of the input at each position of the output, which is a matrix of zeros and ones
 * along each padded axis.
 */
export function padGradient(c: RuleContext): (string | undefined)[] {
  const paddings = constantPaddings(c);
  const mode = stringAttribute(c.node, "mode", "constant");
  if (mode !== "constant") return [foldBorders(c, mode, paddings)];
  const inner = cutOff(c, paddings);
  if (!c.has(2) || !c.wants(2)) return [inner];
  const total = (value: string) => c.op("ReduceSum", [value], { keepdims: 0 });
  const outer = c.op("Sub", [total(c.gradient()), total(inner)]);
  return [inner, undefined, c.reshapeLike(outer, c.input(2))];
}

/** `undefined` where the amounts or the axes are computed. */
function constantPaddings(c: RuleContext): Paddings | undefined {
  const rank = c.rank(c.input(0));
  const amounts = constantNumbers(c, 1);
  const axes = c.has(3) ? constantNumbers(c, 3) : range(0, rank);
  return (
    amounts &&
    axes &&
    new Map(
      axes.map((axis, at) => [
        positiveAxis(axis, rank),
        [amounts[at]!, amounts[at + axes.length]!] as const,
      ]),
    )
  );
}

/** Negative padding cuts off what positive padding added, and the other way round. */
function cutOff(c: RuleContext, paddings: Paddings | undefined): string {
  if (paddings === undefined) {
    const axes = c.has(3) ? ["", c.input(3)] : [];
    return c.op("Pad", [c.gradient(), c.op("Neg", [c.input(1)]), ...axes]);
  }
  const inverse = Array.from(paddings, ([axis, [begin, end]]) => [axis, [-begin, -end]] as const);
  return padWithZeros(c, c.gradient(), c.rank(c.input(0)), new Map(inverse));
}

function foldBorders(c: RuleContext, mode: string, paddings: Paddings | undefined): string {
  if (paddings === undefined) {
    throw new UnsupportedForm(`the amounts of its ${mode} padding are not constant`);
  }
  let gradient = c.gradient();
  for (const [axis, [begin, end]] of paddings) {
    if (begin === 0 && end === 0) continue;
    const size = c.shape(c.input(0))?.[axis];
    if (typeof size !== "number") {
      throw new UnsupportedForm(
        `the size of axis ${axis}, which has ${mode} padding, is not known`,
      );
    }
    const rows = range(-begin, size + end).map((position) => {
      const source = sourceOf(mode, position, size);
      return range(0, size).map((column) => (column === source ? 1 : 0));
    });
    const rank = c.rank(c.input(0));
    gradient = multiplyTransposed(c, gradient, axis, rank, matrixOf(c, rows));
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
