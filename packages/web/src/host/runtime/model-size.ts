import { RuntimeError } from "@engraft/core/errors";

/**
 * The largest model that is loaded. WebAssembly addresses 4 GB, and while a model is loaded it is there
 * up to four times: as a file, as weights, as weights laid out for the processor, in half precision as
 * wide ones.
 */
const MOST_BYTES = 1e9;

/**
 * Refuses a model that WebAssembly cannot hold, before it is loaded.
 *
 * @param name - What to call it in the message.
 * @throws RuntimeError `runtime/load`.
 */
export function requireFits(name: string, bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  const megabytes = (count: number): string => `${Math.ceil(count / 1e6)} MB`;
  throw new RuntimeError(
    "runtime/load",
    `${name} has ${megabytes(bytes)}, and WebAssembly can hold models of up to ${megabytes(MOST_BYTES)}. ` +
      "Use a smaller model, or one whose weights are stored in 8 bits",
  );
}
