import type { RuleContext } from "../../context.js";

/** Bounds up to 2¹⁰⁰ leave room for the steepness below. */
const LARGEST_BOUND_EXPONENT = 100;

/**
 * 1 where a value of the node's element type is above (or below) a bound, else 0.
 *
 * For a constant bound in single precision this is one HardSigmoid, whose slope s is so steep that it
 * saturates between neighbouring numbers: clip(s · x - s · b, 0, 1). With a power of two as s both
 * products are exact, so that the difference is 0 only where x = b. Comparing and casting the answer
 * takes ONNX Runtime six times as long, because it casts on one thread.
 */
export function threshold(
  c: RuleContext,
  value: string,
  side: "above" | "below",
  bound: number | string,
): string {
  const sign = side === "above" ? 1 : -1;
  const constant = typeof bound === "number" ? bound : Number(c.constantOf(bound)?.data[0]);
  const steepness = steepnessAt(constant);
  if (c.dtype(value) === "float32" && steepness !== undefined) {
    const alpha = sign * steepness;
    return c.op("HardSigmoid", [value], {
      alpha: { kind: "float", value: alpha },
      beta: { kind: "float", value: -alpha * constant },
    });
  }
  const limit = typeof bound === "number" ? c.scalar(bound) : bound;
  return c.asNumbers(c.op(side === "above" ? "Greater" : "Less", [value, limit]));
}

/** Times the gap between a bound and its neighbour this is more than 1, and times the bound finite. */
function steepnessAt(bound: number): number | undefined {
  if (bound === 0) return 2 ** 127;
  const exponent = Math.ceil(Math.log2(Math.abs(bound)));
  return Math.abs(exponent) <= LARGEST_BOUND_EXPONENT
    ? 2 ** (126 - Math.max(exponent, 0))
    : undefined;
}
