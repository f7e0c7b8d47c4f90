import { parseJson } from "@engraft/core/predict";
import { Refusal } from "../problems.js";
import { excerpt } from "./excerpt.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Deepest nesting, and most fields, of a body. The API has two levels and one field. */
const MAX_DEPTH = 16;
const MAX_FIELDS = 64;

/** Items of lists, for each input that a request may have, before a body is not even parsed. */
const ITEMS_PER_INPUT = 4;
const SPARE_ITEMS = 1000;

const [QUOTE, BACKSLASH, COLON, COMMA] = Buffer.from('"\\:,') as unknown as number[];
const OPENING = new Set(Buffer.from("{["));
const CLOSING = new Set(Buffer.from("}]"));

/**
 * Parses a body that must be JSON in UTF-8. Bodies with far more fields, items or levels than any of this
 * API are refused before: to make objects of them would take seconds.
 *
 * @throws Refusal `request/encoding` or `request/json`.
 */
export function parseJsonBody(body: Buffer, maxInputs: number): unknown {
  const text = decode(body);
  requireSmallShape(body, ITEMS_PER_INPUT * maxInputs + SPARE_ITEMS);
  return parseJson(text, (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new Refusal("request/json", `The body is not JSON: ${excerpt(reason)}.`);
  });
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new Refusal("request/encoding", "The body is not UTF-8, which JSON must be in.");
  }
}

/** Counts what stands between the strings. */
function requireSmallShape(body: Buffer, maxItems: number): void {
  let depth = 0;
  let fields = 0;
  let items = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) {
      at = endOfString(body, at);
    } else if (byte === COLON) {
      fields += 1;
    } else if (byte === COMMA) {
      items += 1;
    } else if (OPENING.has(byte)) {
      depth += 1;
      items += 1;
    } else if (CLOSING.has(byte)) {
      depth -= 1;
    }
    if (depth > MAX_DEPTH || fields > MAX_FIELDS || items > maxItems) {
      const detail = `more than ${MAX_DEPTH} levels, ${MAX_FIELDS} fields or ${maxItems} items`;
      throw new Refusal("request/json", `The body has ${detail}. Expected {"inputs": ["a text"]}.`);
    }
  }
}

/** Where the string that begins at `start` ends, or the body where it never does. */
function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(QUOTE!, start + 1); end !== -1; end = body.indexOf(QUOTE!, end + 1)) {
    let first = end;
    while (body[first - 1] === BACKSLASH) first -= 1;
    if ((end - first) % 2 === 0) return end;
  }
  return body.length;
}
