import { createReadStream } from "node:fs";
import { TextDecoder } from "node:util";
import { reason, unreadable } from "./problems.js";

/** How a text is written as bytes. */
export interface Encoding {
  readonly name: "utf-8" | "utf-16le" | "utf-16be";
  /** Bytes of the byte order mark to skip. */
  readonly mark: number;
}

/** First bytes of what is often given a text file's name by mistake. */
const BINARY_FORMATS: readonly (readonly [signature: string, name: string])[] = [
  ["504b0304", "a zip archive or Excel workbook; export it as CSV (UTF-8)"],
  ["d0cf11e0", "an Excel or Word document; export it as CSV (UTF-8)"],
  ["50415231", "a Parquet file; name it .parquet"],
  ["1f8b", "gzip-compressed; decompress it first"],
  ["25504446", "a PDF document"],
  ["89504e47", "a PNG image"],
  ["ffd8ff", "a JPEG image"],
  ["53514c697465", "an SQLite database"],
];

/** How many bytes are needed before an encoding is chosen, unless the text is shorter. */
const ENOUGH = 4;

/** The bytes of a file, piece by piece. Throws a DataError that names the file as `name`. */
export async function* fileBytes(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (error) {
    throw unreadable(name, reason(error), error);
  }
}

/**
 * Decodes text piece by piece. UTF-8, and UTF-16 of either byte order, are told apart by the byte
 * order mark, or by where the zero bytes are; the mark is dropped. Bytes that are not valid text are
 * never replaced: a DataError names the line.
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<string> {
  let encoding: Encoding | undefined;
  let held: Uint8Array = new Uint8Array(0);
  let line = 1;
  for await (const chunk of bytes) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (encoding === undefined) {
      if (held.length < ENOUGH) continue;
      encoding = detectEncoding(held, name);
      held = held.subarray(encoding.mark);
    }
    const end = completeLength(held, encoding);
    const text = decode(held.subarray(0, end), encoding, name, line);
    held = held.subarray(end);
    line += lineFeeds(text);
    yield text;
  }
  if (encoding === undefined) {
    encoding = detectEncoding(held, name);
    held = held.subarray(encoding.mark);
  }
  if (held.length > 0) yield decode(held, encoding, name, line);
}

/**
 * Tells the encoding of a text by its first bytes.
 *
 * @throws DataError when they are not text in UTF-8 or UTF-16.
 */
export function detectEncoding(sample: Uint8Array, name: string): Encoding {
  const start = Buffer.from(sample.subarray(0, 8)).toString("hex");
  if (start.startsWith("efbbbf")) return { name: "utf-8", mark: 3 };
  if (start.startsWith("fffe")) return { name: "utf-16le", mark: 2 };
  if (start.startsWith("feff")) return { name: "utf-16be", mark: 2 };
  const known = BINARY_FORMATS.find(([signature]) => start.startsWith(signature));
  if (known !== undefined) throw unreadable(name, `is not a text file but ${known[1]}`);
  const zeros = [0, 0];
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]! += 1;
  });
  const [even = 0, odd = 0] = zeros;
  if (even === 0 && odd === 0) return { name: "utf-8", mark: 0 };
  const guess = odd > even ? "utf-16le" : "utf-16be";
  if (Math.max(even, odd) > 4 * Math.min(even, odd) && looksLikeText(sample, guess)) {
    return { name: guess, mark: 0 };
  }
  throw unreadable(name, "is not text in UTF-8 or UTF-16 (it contains zero bytes)");
}

function looksLikeText(sample: Uint8Array, name: Encoding["name"]): boolean {
  const encoding = { name, mark: 0 };
  try {
    const text = decoder(encoding).decode(sample.subarray(0, completeLength(sample, encoding)));
    const controlCharacter = /[^\P{Cc}\s]/u;
    return !controlCharacter.test(text);
  } catch {
    return false;
  }
}

function decoder(encoding: Encoding): TextDecoder {
  return new TextDecoder(encoding.name, { fatal: true, ignoreBOM: true });
}

/** Length of the bytes without a character that may continue in the next piece. */
function completeLength(bytes: Uint8Array, encoding: Encoding): number {
  const length = bytes.length;
  if (encoding.name === "utf-8") {
    for (let end = length - 1; end >= Math.max(0, length - 3); end--) {
      if (bytes[end]! >= 0xc0) return end;
    }
    return length;
  }
  const even = length - (length % 2);
  const high = bytes[encoding.name === "utf-16le" ? even - 1 : even - 2] ?? 0;
  return high >= 0xd8 && high <= 0xdb ? even - 2 : even;
}

function decode(bytes: Uint8Array, encoding: Encoding, name: string, line: number): string {
  try {
    return decoder(encoding).decode(bytes);
  } catch (error) {
    const where = `${name}:${line + lineFeeds(validStart(bytes, encoding))}`;
    const what =
      `contains bytes that are not valid ${encoding.name.toUpperCase()}; ` +
      "convert the file to UTF-8, for example with: iconv -f WINDOWS-1252 -t UTF-8";
    throw unreadable(where, what, error);
  }
}

/** The longest beginning that can be decoded, found by bisection. */
function validStart(bytes: Uint8Array, encoding: Encoding): string {
  let text = "";
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      text = decoder(encoding).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return text;
}

function lineFeeds(text: string): number {
  return text.split("\n").length - 1;
}
