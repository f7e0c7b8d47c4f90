import { unreadable } from "../problems.js";
import { concatBytes, toHex } from "../source/bytes.js";
import { type FileSource, reasonOf } from "../source/source.js";

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
/** How many bytes are looked at, at most, to choose an encoding. */
const SAMPLE = 65_536;

/**
 * UTF-16 without its mark has a zero byte in more than this share of its units, always on the same
 * side: text that is mostly ASCII.
 */
const ZEROS_OF_UTF16 = 0.5;
/** Text has at most this share of control characters, white space aside, or a single one. */
const CONTROLS_OF_TEXT = 0.05;

/** The bytes of a file, piece by piece. Throws a DataError that names the file as `name`. */
async function* fileBytes(file: FileSource, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* file.stream();
  } catch (error) {
    throw unreadable(name, reasonOf(error), error);
  }
}

/** Decodes a file piece by piece, as {@link decodeText} does. */
export function fileText(file: FileSource, name: string): AsyncGenerator<string> {
  return decodeText(fileBytes(file, name), name);
}

/**
 * Decodes text piece by piece, in the encoding that {@link detectEncoding} finds; the byte order mark
 * is dropped. Bytes that are not valid text are never replaced: a DataError names the line.
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<string> {
  let encoding: Encoding | undefined;
  let held: Uint8Array = new Uint8Array(0);
  let line = 1;
  for await (const chunk of bytes) {
    held = held.length === 0 ? chunk : concatBytes(held, chunk);
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
 * Tells the encoding of a text by its first bytes: by the byte order mark, or else UTF-16 where zero
 * bytes are half of all bytes, as in text that is mostly ASCII, and UTF-8 otherwise. A few zero bytes
 * are control characters of UTF-8.
 *
 * @param bytes - The beginning of the text, or all of it.
 * @throws DataError when they are not text in UTF-8 or UTF-16.
 */
export function detectEncoding(bytes: Uint8Array, name: string): Encoding {
  const sample = bytes.subarray(0, SAMPLE);
  const start = toHex(sample.subarray(0, 8));
  if (start.startsWith("efbbbf")) return { name: "utf-8", mark: 3 };
  if (start.startsWith("fffe")) return { name: "utf-16le", mark: 2 };
  if (start.startsWith("feff")) return { name: "utf-16be", mark: 2 };
  const known = BINARY_FORMATS.find(([signature]) => start.startsWith(signature));
  if (known !== undefined) throw unreadable(name, `is not a text file but ${known[1]}`);
  const unmarked = unmarkedUtf16(sample);
  if (unmarked !== undefined) return unmarked;
  if (fewControls(sample)) return { name: "utf-8", mark: 0 };
  throw unreadable(
    name,
    "is not text in UTF-8 (it has too many zero bytes or control characters); " +
      "text in UTF-16 needs a byte order mark unless it is mostly ASCII",
  );
}

function unmarkedUtf16(sample: Uint8Array): Encoding | undefined {
  const units = sample.length >> 1;
  const zeros: [even: number, odd: number] = [0, 0];
  for (let i = 0; i < 2 * units; i++) if (sample[i] === 0) zeros[i & 1]! += 1;
  const [even, odd] = zeros;
  const isClear = Math.min(even, odd) <= CONTROLS_OF_TEXT * units;
  if (units < 2 || !isClear || Math.max(even, odd) <= ZEROS_OF_UTF16 * units) return undefined;
  const encoding: Encoding = { name: odd > even ? "utf-16le" : "utf-16be", mark: 0 };
  try {
    const text = decoder(encoding).decode(sample.subarray(0, completeLength(sample, encoding)));
    return fewControls(text) ? encoding : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text, or bytes of UTF-8, have no more control characters than text has. */
function fewControls(text: string | Uint8Array): boolean {
  let controls = 0;
  for (let i = 0; i < text.length; i++) {
    const code = typeof text === "string" ? text.charCodeAt(i) : text[i]!;
    if (code < SPACE && !LAYOUT_CONTROLS.has(code)) controls += 1;
  }
  return controls <= Math.max(1, CONTROLS_OF_TEXT * text.length);
}

const SPACE = 32;
/** What lays out text: backspace, tab, line and page ends, and escape, which colours it. */
const LAYOUT_CONTROLS: ReadonlySet<number> = new Set([8, 9, 10, 11, 12, 13, 27]);

function decoder(encoding: Encoding): InstanceType<typeof TextDecoder> {
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
      "convert the file to UTF-8, for example with: iconv -f WINDOWS-1252 -t UTF-8 " +
      "(UTF-16 needs its byte order mark)";
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
