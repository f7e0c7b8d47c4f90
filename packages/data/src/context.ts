import type { DataHome } from "./home.js";
import { Notices } from "./notices.js";
import type { LimitOptions } from "./options.js";

/** Largest width x height of an image that is decoded unless told otherwise. */
export const DEFAULT_MAX_IMAGE_PIXELS = 50_000_000;

/** What every reader needs to know: the limits, the home, and whom to tell what is doubtful. */
export interface ReadContext {
  readonly maxImagePixels: number;
  readonly maxTextBytes: number;
  readonly home: DataHome;
  readonly notices: Notices;
}

/** `LimitOptions` with the defaults filled in, and no notices yet. */
export function readContext(options: LimitOptions, home: DataHome): ReadContext {
  return {
    maxImagePixels: options.maxImagePixels ?? DEFAULT_MAX_IMAGE_PIXELS,
    maxTextBytes: options.maxTextBytes ?? 10_000_000,
    home,
    notices: new Notices(),
  };
}
