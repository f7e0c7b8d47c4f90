import type { ImageChanges } from "./augment/config.js";
import type { LinearAlgebra } from "./math/matrix.js";
import type { ImagePreprocessing } from "./preprocess/spec.js";
import type { Runtime } from "./runtime/runtime.js";

/** An image as the base model reads it, and what the colour baseline reads. */
export interface PreparedImage {
  /** Normalised pixels of one image in the layout that the base model asks for. */
  readonly pixels: Float32Array;
  /** Joint colour histogram of the cropped image. */
  readonly colorHistogram: Float32Array;
}

/**
 * What the engine asks of the machine that it runs on. The Node package and the browser each have
 * one; everything else in this package is the same in both.
 */
export interface Platform {
  /** Runs models. May have several threads: see {@link Runtime.concurrency}. */
  readonly runtime: Runtime;
  /** Dense products for solvers. */
  readonly linearAlgebra: LinearAlgebra;
  /** SHA-256 in lower-case hexadecimal. Strings are hashed as UTF-8. */
  sha256(data: Uint8Array | string): Promise<string>;
  /**
   * Decodes an image, turns it upright and preprocesses it: `prepareImage` of `augment`, in a worker or
   * on this thread. Homes only decode.
   *
   * @throws DataError with code `data/unreadable` when the bytes are not a whole image.
   */
  prepareImage(
    file: Uint8Array,
    spec: ImagePreprocessing,
    options?: PrepareImageOptions,
  ): Promise<PreparedImage>;
}

/** How one image is prepared. */
export interface PrepareImageOptions {
  /** Random changes of the pixels, as training asks for. Default: none. */
  readonly changes?: ImageChanges | undefined;
  /**
   * Whether the image takes long: where there are several workers, one is then left free for everything
   * else. Default false.
   */
  readonly isLarge?: boolean | undefined;
  /** Stops waiting for the image. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a long piece of work has come. */
export interface Progress {
  /** What is being done. Downloads are counted in bytes. */
  readonly phase:
    | "download"
    | "features"
    | "unlabelled"
    | "evaluate"
    | "fit"
    | "fine-tune"
    | "measure";
  readonly done: number;
  readonly total: number;
}

/** Told how far work has come. */
export type OnProgress = (progress: Progress) => void;
