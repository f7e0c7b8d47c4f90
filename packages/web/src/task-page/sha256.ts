import { sha256 as digestOf } from "@noble/hashes/sha2.js";
import { toHex } from "../host/encodings.js";
import { sha256 as digestByBrowser } from "../host/sha256.js";

/**
 * SHA-256 in lower-case hexadecimal. Browsers compute none for pages that come over plain http, where a
 * page of a task works too.
 */
export async function sha256(data: Uint8Array | string): Promise<string> {
  if (globalThis.crypto?.subtle !== undefined) return digestByBrowser(data);
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return toHex(digestOf(bytes));
}
