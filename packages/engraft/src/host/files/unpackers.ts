import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Unpack } from "@engraft/data";

/** Node's own decompression of the pages of Parquet files. None writes more than it is asked for. */
export const UNPACKERS: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ["GZIP", (packed, length) => gunzipSync(packed, { maxOutputLength: Math.max(1, length) })],
  [
    "BROTLI",
    (packed, length) => brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
  ],
]);
