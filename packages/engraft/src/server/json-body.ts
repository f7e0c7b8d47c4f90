import { Refusal } from "./problems.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses a body that must be JSON in UTF-8.
 *
 * @throws Refusal `request/encoding` or `request/json`.
 */
export function parseJsonBody(body: Uint8Array): unknown {
  const text = decode(body);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal("request/json", `The body is not JSON: ${reason}.`);
  }
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new Refusal("request/encoding", "The body is not UTF-8, which JSON must be in.");
  }
}
