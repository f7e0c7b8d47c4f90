import type { Input } from "../dataset/dataset.js";
import type { DataError } from "../errors.js";
import type { Abort, Platform } from "../platform.js";

/** Receives what a pass finds out about each input. Inputs finish in any order. */
export interface FeatureSink {
  features(position: number, vector: Float32Array): void | Promise<void>;
  /** The input at `position` could not be decoded. */
  unreadable(position: number, error: DataError): void;
}

/** One pass of the base over some inputs. */
export type FeaturePass = (
  inputs: readonly Input[],
  sink: FeatureSink,
  abort?: Abort,
) => Promise<void>;

/** Batches in progress: one on every thread, and one more being prepared. */
export function batchesInFlight(platform: Platform): number {
  return platform.runtime.concurrency + 1;
}
