import { decompress as decompressZstd } from "fzstd";
import { compressors } from "hyparquet-compressors";
import type { Unpack } from "../../home.js";
import { concatBytes } from "../../source/bytes.js";
import { Damage } from "./damage.js";

/** Most bytes of a page, packed or not. Writers make pages of about 1 MB, DuckDB of up to 100. */
export const MAX_PAGE_BYTES = 256_000_000;

/** Ways to unpack that run everywhere, by the name of the codec. */
const CODECS: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ["UNCOMPRESSED", (packed) => packed],
  ["SNAPPY", (packed, length) => compressors.SNAPPY!(packed, length)],
  ["GZIP", gunzip],
  ["BROTLI", unpackBrotli],
  ["ZSTD", (packed, length) => decompressZstd(packed, new Uint8Array(length))],
  ["LZ4", (packed, length) => compressors.LZ4!(packed, length)],
  ["LZ4_RAW", (packed, length) => compressors.LZ4_RAW!(packed, length)],
]);

/** The platform's own decompression, which gives its pieces one by one and no more than are asked for. */
async function gunzip(packed: Uint8Array, length: number): Promise<Uint8Array> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // A failure comes out of the reader, too.
  Promise.all([writer.write(packed), writer.close()]).catch(() => {});
  const reader = stream.readable.getReader();
  const pieces: Uint8Array[] = [];
  try {
    for (let unpacked = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return concatBytes(...pieces);
      unpacked += value.length;
      if (unpacked > length) throw new Damage("a page is longer than it says");
      pieces.push(value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * The decoder refuses a page that is longer than it says, and fills one that is shorter with zeros: a
 * page that ends in a zero is whole where it does not fit into one byte less.
 */
function unpackBrotli(packed: Uint8Array, length: number): Uint8Array {
  const page = compressors.BROTLI!(packed, length);
  if (page.at(-1) !== 0) return page;
  try {
    compressors.BROTLI!(packed, length - 1);
  } catch {
    return page;
  }
  throw new Damage("a page is shorter than it says");
}

/**
 * Unpacks a page. Throws Damage when it is too large, or is not as long as it says.
 *
 * @param unpackers - Ways of the home, which come before those that run everywhere.
 */
export async function decompress(
  packed: Uint8Array,
  length: number,
  codec: string,
  unpackers?: ReadonlyMap<string, Unpack>,
): Promise<Uint8Array> {
  requireSize(length);
  const unpack = unpackers?.get(codec) ?? CODECS.get(codec);
  if (unpack === undefined) throw new Damage(`its compression ${codec} is not known`);
  if (length === 0) return new Uint8Array(0);
  const page = await unpack(packed, length);
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
