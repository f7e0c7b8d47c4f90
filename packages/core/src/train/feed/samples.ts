import type { Tensor } from "@engraft/onnx";
import type { Feeds } from "../../runtime/feeds.js";
import { takeRows } from "./example-source.js";

/** What a training run draws its batches from: examples and what they should give. */
export interface Samples {
  readonly count: number;
  /** Positions of the examples that some samples are made of, in the order of the batch. */
  examples(samples: readonly number[]): number[];
  /** What the loss compares with, for some samples. */
  targets(samples: readonly number[]): Tensor;
  /** Further inputs of the step for some samples. Default: none. */
  others?(samples: readonly number[]): Feeds;
  /**
   * What each sample costs, the tokens of its longest text for one: samples that are about as long
   * are batched together, so that little is padded. Undefined where all cost the same.
   */
  readonly lengths?: readonly number[] | undefined;
}

/** One example a sample. The first axis of the targets counts the examples. */
export function singleSamples(targets: Tensor): Samples {
  return {
    count: targets.dims[0] ?? 0,
    examples: (samples) => [...samples],
    targets: (samples) => takeRows(targets, samples),
  };
}

/**
 * Pairs of examples: in a batch of n pairs, rows 0 to n - 1 are the first of each pair and rows n to
 * 2n - 1 the second.
 */
export function pairSamples(
  pairs: readonly (readonly [first: number, second: number])[],
  targets: Tensor,
): Samples {
  return {
    count: pairs.length,
    examples: (samples) => [
      ...samples.map((sample) => pairs[sample]![0]),
      ...samples.map((sample) => pairs[sample]![1]),
    ],
    targets: (samples) => takeRows(targets, samples),
  };
}
