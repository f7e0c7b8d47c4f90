/** The largest inputs that are accepted. */
export interface LimitOptions {
  /** Largest width x height of an image. Default 50,000,000. */
  readonly maxImagePixels?: number | undefined;
  /** Longest text, in bytes of UTF-8. Default 10,000,000. */
  readonly maxTextBytes?: number | undefined;
}

/** `LimitOptions` with the defaults filled in. */
export interface InputLimits {
  readonly maxImagePixels: number;
  readonly maxTextBytes: number;
}

export function withDefaultLimits(options: LimitOptions): InputLimits {
  return {
    maxImagePixels: options.maxImagePixels ?? 50_000_000,
    maxTextBytes: options.maxTextBytes ?? 10_000_000,
  };
}
