/** What the machine lends ONNX Runtime Web. */
export interface Threads {
  readonly count: number;
  /** Why there are no more, where that can be changed; undefined where all is used. */
  readonly limit: string | undefined;
}

/** More threads than this bring little in WebAssembly. */
const MOST = 4;

const NOT_ISOLATED =
  "The page is not cross-origin isolated, so that models run on one thread. To use more, serve it with " +
  "the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.";

/** How many threads run models. @param asked - At most so many. Default: one for each core, up to 4. */
export function chooseThreads(asked: number | undefined): Threads {
  const isolated: boolean | undefined = globalThis.crossOriginIsolated;
  // No browser: ONNX Runtime Web starts no threads there that are known to work.
  if (isolated === undefined) return { count: 1, limit: undefined };
  const cores = Math.min(MOST, asked ?? navigator.hardwareConcurrency ?? 1);
  if (cores <= 1) return { count: 1, limit: undefined };
  return isolated ? { count: cores, limit: undefined } : { count: 1, limit: NOT_ISOLATED };
}
