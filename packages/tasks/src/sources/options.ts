import type { OnProgress } from "@engraft/core";

/*
 * The options that all work of the product shares, in one shape.
 */

/** Names of the columns of a data file; those that are left out are found by their usual names. */
export interface ColumnNames {
  /** Column with the texts. */
  readonly text?: string | undefined;
  /** Column with the paths of images, relative to `imageFolder`. */
  readonly image?: string | undefined;
  /** Column with the labels. */
  readonly label?: string | undefined;
}

/** How data is read. */
export interface DataOptions {
  readonly columns?: ColumnNames | undefined;
  /**
   * Whether the first record of a CSV or TSV names its columns; without, they are called 1, 2 and so
   * on. Default true.
   */
  readonly header?: boolean | undefined;
  /**
   * Folder to which the paths of images in a data file are relative; then names without extension are
   * found, too. Default: that of the data file.
   */
  readonly imageFolder?: string | undefined;
  /** Largest width x height of an image. Default 50,000,000. */
  readonly maxImagePixels?: number | undefined;
  /** Longest text, in bytes of UTF-8. Default 10,000,000. */
  readonly maxTextBytes?: number | undefined;
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
