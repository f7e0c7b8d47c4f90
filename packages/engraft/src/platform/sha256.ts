import { createHash, webcrypto } from "node:crypto";

/** Large files are hashed beside the main thread. */
const LARGE_BYTES = 1_000_000;

/** SHA-256 in lower-case hexadecimal. Strings are hashed as UTF-8. */
export async function sha256(data: Uint8Array | string): Promise<string> {
  if (typeof data === "string" || data.length < LARGE_BYTES) {
    return createHash("sha256").update(data).digest("hex");
  }
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", data)).toString("hex");
}
