import {
  createGraph,
  createModel,
  createNode,
  type Dim,
  elementCount,
  tensorOf,
  valueInfo,
} from "@engraft/onnx";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differentiateModel } from "./differentiate.js";
import { load } from "./gradcheck/runtime.js";

/** One axis: its size, whether the small operand is broadcast along it, and what each side calls it. */
interface Axis {
  readonly size: number;
  readonly isBroadcast: boolean;
  readonly names: readonly [wide: Naming, small: Naming];
}

type Naming = "number" | "size" | "own" | "unknown";

const naming = fc.constantFrom<Naming>("number", "size", "own", "unknown");
const axis: fc.Arbitrary<Axis> = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  isBroadcast: fc.boolean(),
  names: fc.tuple(naming, naming),
});

function dimOf(naming: Naming, size: number, own: string): Dim {
  if (naming === "number") return size;
  if (naming === "unknown") return null;
  return naming === "size" ? `size${size}` : own;
}

/** Sum of whole numbers over the axes along which `small` is broadcast, by plain loops. */
function summed(values: readonly number[], wide: readonly number[], small: readonly number[]) {
  const sums = new Array<number>(elementCount(small)).fill(0);
  for (const [position, value] of values.entries()) {
    let [rest, target, stride] = [position, 0, 1];
    for (let axis = wide.length - 1; axis >= 0; axis--) {
      const at = rest % wide[axis]!;
      rest = (rest - at) / wide[axis]!;
      const size = small[axis - (wide.length - small.length)] ?? 1;
      if (size > 1) target += at * stride;
      stride *= size;
    }
    sums[target]! += value;
  }
  return sums;
}

describe("the gradient of what was broadcast", () => {
  it("is summed over the axes along which it was, whatever is known of the sizes", async () => {
    const shapes = fc.record({ axes: fc.array(axis, { maxLength: 4 }), added: fc.nat(2) });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ axes, added }) => {
        const wide = axes.map(({ size }) => size);
        const own = axes.slice(Math.min(added, axes.length));
        const small = own.map(({ size, isBroadcast }) => (isBroadcast ? 1 : size));
        const graph = createGraph({
          inputs: [
            valueInfo(
              "wide",
              "float32",
              axes.map(({ names, size }, i) => dimOf(names[0], size, `w${i}`)),
            ),
            valueInfo(
              "small",
              "float32",
              own.map(({ names }, i) => dimOf(names[1], small[i]!, `s${i}`)),
            ),
          ],
          nodes: [
            createNode("Mul", ["small", "wide"], ["product"]),
            createNode("ReduceSum", ["product"], ["loss"], { keepdims: 0 }),
          ],
          outputs: [valueInfo("loss", "float32", [])],
        });
        const model = createModel({ graph, opset: 21, irVersion: 10 });
        const program = await load(
          differentiateModel(model, { loss: "loss", wrt: ["small"] }).model,
        );
        const values = Array.from({ length: elementCount(wide) }, (_, i) => i + 1);
        const feeds = new Map([
          ["wide", tensorOf("float32", wide, values)],
          ["small", tensorOf("float32", small, new Array(elementCount(small)).fill(1))],
        ]);
        const gradient = (await program.run(feeds)).get("grad/small")!;
        expect(gradient).toEqual({ dims: small, data: summed(values, wide, small) });
      }),
      { numRuns: 80 },
    );
  });
});
