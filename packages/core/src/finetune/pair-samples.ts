import type { Tensor } from "@engraft/onnx";
import { takeRows } from "../train/feed/example-source.js";
import type { Samples } from "../train/feed/samples.js";
import type { ExamplePair } from "./pairs.js";
import { PAIR_SIDES } from "./source-graph.js";

/**
 * Pairs as samples of a training. An example that is in several pairs of a batch is read once; the
 * step is told which rows are the sides of the pairs.
 *
 * @param lengths - Tokens of each example; undefined where all are of one size.
 */
export function contrastSamples(
  pairs: readonly ExamplePair[],
  lengths: readonly number[] | undefined,
): Samples {
  const alike = Float32Array.from(pairs, (pair) => Number(pair.alike));
  const targets: Tensor = { dtype: "float32", dims: [pairs.length], data: alike };
  const sidesOf = (samples: readonly number[]): number[] => [
    ...samples.map((sample) => pairs[sample]!.first),
    ...samples.map((sample) => pairs[sample]!.second),
  ];
  return {
    count: pairs.length,
    examples: (samples) => [...new Set(sidesOf(samples))],
    targets: (samples) => takeRows(targets, samples),
    others(samples) {
      const sides = sidesOf(samples);
      const rowOf = new Map([...new Set(sides)].map((example, row) => [example, row]));
      const data = BigInt64Array.from(sides, (example) => BigInt(rowOf.get(example)!));
      return new Map([[PAIR_SIDES, { dtype: "int64", dims: [sides.length], data } as const]]);
    },
    lengths:
      lengths && pairs.map(({ first, second }) => Math.max(lengths[first]!, lengths[second]!)),
  };
}
