import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";

/**
 * A shard is a file of feature vectors that one process appended to. Layout, little-endian:
 *
 *     header   8 bytes "ENGRAFT2", u32 width, u32 zero
 *     record   32 bytes digest of the item, u32 CRC-32 of digest and vector, width x f32
 *
 * Records have one size, so a record that was cut off by a crash is the incomplete end of the file,
 * and damage inside a record, or a vector that belongs to another digest, shows in its checksum.
 * Neither can be taken for a vector. Shards of version 1, whose checksums were of the vectors alone,
 * are not read.
 */
const MAGIC = Buffer.from("ENGRAFT2");
/** What shards of every version begin with. */
const ANY_VERSION = Buffer.from("ENGRAFT");
const HEADER_BYTES = 16;
const DIGEST_BYTES = 32;
const PREFIX_BYTES = DIGEST_BYTES + 4;

/** Where a vector is. */
export interface Location {
  readonly path: string;
  readonly offset: number;
}

export function shardHeader(width: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(width, MAGIC.length);
  return header;
}

/** One record; `item` is a SHA-256 in hexadecimal. */
export function encodeRecord(item: string, vector: Float32Array): Buffer {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(item, "hex");
  prefix.writeUInt32LE(crc32(bytes, crc32(prefix.subarray(0, DIGEST_BYTES))), DIGEST_BYTES);
  return Buffer.concat([prefix, bytes]);
}

/**
 * Lists the items of a shard. A file that is not a shard of this width has none: it is left alone.
 */
export function* indexShard(path: string, width: number): Generator<[item: string, Location]> {
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(file, header, 0, HEADER_BYTES, 0);
    if (!header.equals(shardHeader(width))) return;
    const size = recordBytes(width);
    const end = fstatSync(file).size;
    const digest = Buffer.alloc(DIGEST_BYTES);
    for (let offset = HEADER_BYTES; offset + size <= end; offset += size) {
      readSync(file, digest, 0, DIGEST_BYTES, offset);
      yield [digest.toString("hex"), { path, offset }];
    }
  } finally {
    closeSync(file);
  }
}

/** Reads one vector; undefined when the record is damaged. */
export async function readRecord(
  file: FileHandle,
  offset: number,
  width: number,
): Promise<Float32Array | undefined> {
  const bytes = new Uint8Array(recordBytes(width));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
  if (bytesRead < bytes.length) return undefined;
  const checksum = new DataView(bytes.buffer).getUint32(DIGEST_BYTES, true);
  const digest = crc32(bytes.subarray(0, DIGEST_BYTES));
  if (crc32(bytes.subarray(PREFIX_BYTES), digest) !== checksum) return undefined;
  return new Float32Array(bytes.buffer, PREFIX_BYTES);
}

/** Number of complete records in a shard file of the given size. */
export function recordsIn(fileBytes: number, width: number): number {
  return Math.max(0, Math.floor((fileBytes - HEADER_BYTES) / recordBytes(width)));
}

function recordBytes(width: number): number {
  return PREFIX_BYTES + width * Float32Array.BYTES_PER_ELEMENT;
}

/** Creates a shard that nobody else writes to. */
export async function createShard(path: string, width: number): Promise<FileHandle> {
  const file = await open(path, "wx");
  try {
    await file.write(shardHeader(width));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What a file is, as far as it is a shard. */
export interface ShardInfo {
  readonly bytes: number;
  /** Number of complete records that are read; 0 in shards of other versions. */
  readonly items: number;
}

/** Looks at a file by its header; undefined where it is no shard of any version. */
export async function inspectShard(path: string): Promise<ShardInfo | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  try {
    const found = await file?.stat();
    if (file === undefined || !found?.isFile()) return undefined;
    const header = Buffer.alloc(HEADER_BYTES);
    await file.read(header, 0, HEADER_BYTES, 0);
    if (!header.subarray(0, ANY_VERSION.length).equals(ANY_VERSION)) return undefined;
    const width = header.readUInt32LE(MAGIC.length);
    const isRead = width > 0 && header.equals(shardHeader(width));
    return { bytes: found.size, items: isRead ? recordsIn(found.size, width) : 0 };
  } finally {
    await file?.close();
  }
}
