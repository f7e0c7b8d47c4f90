import type { OnProgress } from "@engraft/core";
import type { DataOptions } from "@engraft/data";

/*
 * The options that all work of the product shares, in one shape.
 */

/** How data is read. */
export interface ReadingOptions extends Omit<DataOptions, "formerFolder"> {
  /** Go on without examples and inputs that cannot be used, and list them. Default false. */
  readonly skipBad?: boolean | undefined;
}

/** How long work is watched and stopped. */
export interface RunOptions {
  /** Stops the work. What was computed until then stays in the feature cache. */
  readonly signal?: AbortSignal | undefined;
  /** Told how far the work has come. */
  readonly onProgress?: OnProgress | undefined;
  /** Told what is doubtful or costs something without stopping the work. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Whether computed features are kept. */
export interface CacheOptions {
  /** Use features of the cache, and keep new ones there. Default true. */
  readonly cache?: boolean | undefined;
}
