import { takeRows } from "./example-source.js";
import type { Feeds } from "./sizes.js";

/** What a training run draws its batches from: examples and what they should give. */
export interface Samples {
  readonly count: number;
  /** Positions of the examples that some samples are made of, in the order of the batch. */
  examples(samples: readonly number[]): number[];
  /** Targets of some samples. */
  targets(samples: readonly number[]): Feeds;
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

function takeTargets(targets: Feeds, samples: readonly number[]): Feeds {
  return Object.fromEntries(
    Object.entries(targets).map(([name, tensor]) => [name, takeRows(tensor, samples)]),
  );
}
