import { takeRows } from "./example-source.js";
import type { Feeds } from "./sizes.js";

/** What a training run draws its batches from: examples and what they should give. */
export interface Samples {
  readonly count: number;
  /** Positions of the examples that some samples are made of, in the order of the batch. */
  examples(samples: readonly number[]): number[];
  /** Targets of some samples, and what else a step is fed for them. */
  targets(samples: readonly number[]): Feeds;
  /**
   * What each sample costs, the tokens of its longest text for one: samples that are about as long
   * are batched together, so that little is padded. Undefined where all cost the same.
   */
  readonly lengths?: readonly number[] | undefined;
}

/** One example a sample. The first axis of every target counts the examples. */
export function singleSamples(targets: Feeds): Samples {
  return {
    count: Object.values(targets)[0]?.dims[0] ?? 0,
    examples: (samples) => [...samples],
    targets: (samples) => takeTargets(targets, samples),
  };
}

/**
 * Pairs of examples: in a batch of n pairs, rows 0 to n - 1 are the first of each pair and rows n to
 * 2n - 1 the second.
 */
export function pairSamples(
  pairs: readonly (readonly [first: number, second: number])[],
  targets: Feeds,
): Samples {
  return {
    count: pairs.length,
    examples: (samples) => [
      ...samples.map((sample) => pairs[sample]![0]),
      ...samples.map((sample) => pairs[sample]![1]),
    ],
    targets: (samples) => takeTargets(targets, samples),
  };
}

/** The targets of some samples. */
export function takeTargets(targets: Feeds, samples: readonly number[]): Feeds {
  return Object.fromEntries(
    Object.entries(targets).map(([name, tensor]) => [name, takeRows(tensor, samples)]),
  );
}
