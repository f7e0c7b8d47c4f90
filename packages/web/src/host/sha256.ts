import { UsageError } from "@engraft/core/errors";
import { toHex } from "./encodings.js";

/** Digests of bytes that were hashed when they were read and are never changed. */
const known = new WeakMap<Uint8Array, string>();

/** Remembers the digest of bytes that nobody changes, so that they are not hashed again. */
export function rememberDigest(bytes: Uint8Array, digest: string): void {
  known.set(bytes, digest);
}

/**
 * SHA-256 in lower-case hexadecimal. Strings are hashed as UTF-8.
 *
 * @throws UsageError where the page is not secure: browsers hash nothing there.
 */
export async function sha256(data: Uint8Array | string): Promise<string> {
  if (typeof data !== "string") {
    const digest = known.get(data);
    if (digest !== undefined) return digest;
  }
  if (globalThis.crypto?.subtle === undefined) {
    throw new UsageError(
      "This page is not secure, so that the browser checks no digests. Serve it over https, or from localhost.",
    );
  }
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  // Memory that threads share is not hashed: it is copied.
  const own =
    bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", own)));
}
