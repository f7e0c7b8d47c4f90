import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { decompress as decompressZstd } from "fzstd";
import { compressors } from "hyparquet-compressors";
import { Damage } from "./damage.js";

/** Most bytes of a page, packed or not. Writers make pages of about 1 MB, DuckDB of up to 100. */
export const MAX_PAGE_BYTES = 256_000_000;

/** Unpacks bytes to at most, and in the end exactly, the length that is given. */
type Decompress = (packed: Uint8Array, length: number) => Uint8Array;

/**
 * By the name of the codec. None writes more than it is asked for: the length stands in the file, and
 * is looked at before.
 */
const CODECS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ["UNCOMPRESSED", (packed) => packed],
  ["SNAPPY", (packed, length) => compressors.SNAPPY!(packed, length)],
  ["GZIP", (packed, length) => gunzipSync(packed, { maxOutputLength: Math.max(1, length) })],
  [
    "BROTLI",
    (packed, length) => brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
  ],
  ["ZSTD", (packed, length) => decompressZstd(packed, new Uint8Array(length))],
  ["LZ4", (packed, length) => compressors.LZ4!(packed, length)],
  ["LZ4_RAW", (packed, length) => compressors.LZ4_RAW!(packed, length)],
]);

/** Unpacks a page. Throws Damage when it is too large, or is not as long as it says. */
export function decompress(packed: Uint8Array, length: number, codec: string): Uint8Array {
  requireSize(length);
  const unpack = CODECS.get(codec);
  if (unpack === undefined) throw new Damage(`its compression ${codec} is not known`);
  if (length === 0) return new Uint8Array(0);
  const page = unpack(packed, length);
  if (page.length === length) return page;
  throw new Damage(`a page has ${page.length} bytes where it says ${length}`);
}

/** Throws Damage when a page has more bytes than are read. */
export function requireSize(bytes: number): void {
  if (Number.isInteger(bytes) && bytes >= 0 && bytes <= MAX_PAGE_BYTES) return;
  throw new Damage(
    `a page has ${bytes} bytes; the limit is ${MAX_PAGE_BYTES}. Write the file with smaller pages`,
  );
}
