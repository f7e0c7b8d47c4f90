import { chunk } from "../../features/batches.js";
import { createRandom } from "../../random/random.js";
import type { Feeds } from "../../runtime/feeds.js";
import type { FitConfig } from "../settings/config.js";
import { shuffledBatches } from "./batches.js";
import type { Samples } from "./samples.js";

/** Samples that are ready to be fed to a step. */
export interface FedSamples {
  readonly samples: Samples;
  /** Input of the step for the targets. */
  readonly target: string;
  /** What the step is fed for some examples, targets aside. */
  feeds(examples: readonly number[], epoch: number): Promise<Feeds>;
}

/** The batches that make one update together, as positions of samples. */
export type UpdateBatches = readonly (readonly number[])[];

/** Updates that one pass over some samples makes. */
export function updatesPerEpoch(
  { samples }: FedSamples,
  { batchSize, accumulate }: FitConfig,
): number {
  return Math.max(1, Math.ceil(samples.count / (batchSize * accumulate)));
}

/** The batches of each update of an epoch, in an order that the seed and the epoch decide. */
export function drawUpdates(
  { samples }: FedSamples,
  { batchSize, accumulate, seed }: FitConfig,
  epoch: number,
): UpdateBatches[] {
  const { count, lengths } = samples;
  const options = { count, size: batchSize, dropLast: false, lengths };
  return chunk(shuffledBatches(options, createRandom(seed), epoch), accumulate);
}

/** What the step is fed for the batches of one update, targets included. */
export function feedUpdate(
  fed: FedSamples,
  batches: UpdateBatches,
  epoch: number,
): Promise<Feeds[]> {
  return Promise.all(
    batches.map(async (samples) => {
      const { target, samples: drawn } = fed;
      const read = await fed.feeds(drawn.examples(samples), epoch);
      const others = drawn.others?.(samples) ?? [];
      return new Map([...read, ...others, [target, drawn.targets(samples)]]);
    }),
  );
}
