import type { Input } from "../dataset/dataset.js";
import type { DataError } from "../errors.js";
import type { Platform } from "../platform.js";
import type { Feeds } from "../runtime/feeds.js";

/** Receives what a pass finds out about each input. Inputs finish in any order. */
export interface FeatureSink {
  features(position: number, vector: Float32Array): void | Promise<void>;
  /** The input at `position` could not be decoded. */
  unreadable(position: number, error: DataError): void;
  /** A batch has run. The pass waits for what is made of it. */
  batch?(batch: RunBatch): Promise<void>;
}

/** What goes into a base and comes out of it for some inputs that ran together. */
export interface RunBatch {
  /** Position of the input of each row. */
  readonly positions: readonly number[];
  /** Outputs of the model by name: [rows, ...] each. */
  readonly outputs: Feeds;
  /** What the base is fed for some of the rows. */
  feeds(rows: readonly number[]): Feeds;
}

/** One pass of the base over some inputs. */
export type FeaturePass = (
  inputs: readonly Input[],
  sink: FeatureSink,
  signal?: AbortSignal,
) => Promise<void>;

/** Batches in progress: one on every thread, and one more being prepared. */
export function batchesInFlight(platform: Platform): number {
  return platform.runtime.concurrency + 1;
}
