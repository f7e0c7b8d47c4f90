import { crc32c } from "@engraft/core/internal";
import { toHex } from "../encodings.js";

/*
 * A shard is a file of feature vectors that one worker appended to. Layout, little-endian:
 *
 *     header   8 bytes "ENGRAFTW", u32 width, u32 zero
 *     record   32 bytes digest of the item, u32 CRC-32C of digest and vector, width x f32
 *
 * Records have one size, so a record that was cut off by a closed tab is the incomplete end of the
 * file, and damage inside a record shows in its checksum.
 */
const MAGIC: Uint8Array = new TextEncoder().encode("ENGRAFTW");
const DIGEST_BYTES = 32;

/** Where the first record begins. */
export const HEADER_BYTES = 16;
/** Of a record, what stands before its vector. */
export const PREFIX_BYTES = 36;

/** The size of a record. */
export function recordBytes(width: number): number {
  return PREFIX_BYTES + width * Float32Array.BYTES_PER_ELEMENT;
}

/** What a shard begins with. */
export function shardHeader(width: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(MAGIC);
  new DataView(header.buffer).setUint32(MAGIC.length, width, true);
  return header;
}

/** One record. @param item - A SHA-256 in hexadecimal. */
export function encodeRecord(item: string, vector: Float32Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(recordBytes(vector.length));
  for (let at = 0; at < DIGEST_BYTES; at++) {
    record[at] = Number.parseInt(item.slice(2 * at, 2 * at + 2), 16);
  }
  record.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), PREFIX_BYTES);
  new DataView(record.buffer).setUint32(DIGEST_BYTES, checksumOf(record), true);
  return record;
}

/** The vector of a record; undefined where it is damaged or cut off. */
export function decodeRecord(
  record: Uint8Array<ArrayBuffer>,
  width: number,
): Float32Array | undefined {
  if (record.length !== recordBytes(width)) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  if (view.getUint32(DIGEST_BYTES, true) !== checksumOf(record)) return undefined;
  return new Float32Array(record.slice(PREFIX_BYTES).buffer);
}

/** The item of a record. @param prefix - What stands before the vector. */
export function itemOf(prefix: Uint8Array): string {
  return toHex(prefix.subarray(0, DIGEST_BYTES));
}

/** Of digest and vector: the checksum itself counts as zeros. */
function checksumOf(record: Uint8Array): number {
  const counted = record.slice();
  counted.fill(0, DIGEST_BYTES, PREFIX_BYTES);
  return crc32c(counted);
}
