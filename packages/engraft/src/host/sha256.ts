import { createHash } from "node:crypto";

/**
 * SHA-256 in lower-case hexadecimal. Strings are hashed as UTF-8. Runs on the calling thread even for
 * a base model: Web Crypto would copy the bytes first, which takes as long and doubles the memory.
 */
export async function sha256(data: Uint8Array | string): Promise<string> {
  return createHash("sha256").update(data).digest("hex");
}
