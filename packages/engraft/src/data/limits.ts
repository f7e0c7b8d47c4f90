import { Notices } from "./notices.js";

/** Largest width x height of an image that is decoded unless told otherwise. */
export const DEFAULT_MAX_IMAGE_PIXELS = 50_000_000;

/** The largest inputs that are accepted. */
export interface LimitOptions {
  /** Largest width x height of an image. Default 50,000,000. */
  readonly maxImagePixels?: number | undefined;
  /** Longest text, in bytes of UTF-8. Default 10,000,000. */
  readonly maxTextBytes?: number | undefined;
}

/** What every reader needs to know: the limits, and whom to tell what is doubtful. */
export interface ReadContext {
  readonly maxImagePixels: number;
  readonly maxTextBytes: number;
  readonly notices: Notices;
}

/** `LimitOptions` with the defaults filled in, and no notices yet. */
export function readContext(options: LimitOptions): ReadContext {
  return {
    maxImagePixels: options.maxImagePixels ?? DEFAULT_MAX_IMAGE_PIXELS,
    maxTextBytes: options.maxTextBytes ?? 10_000_000,
    notices: new Notices(),
  };
}
