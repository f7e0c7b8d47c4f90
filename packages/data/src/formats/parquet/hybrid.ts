import { Damage } from "./damage.js";

/** Whole numbers without sign, as small as they can be held. */
export type Indices = Uint8Array | Uint16Array | Uint32Array;

/**
 * Reads numbers that are run-length encoded and bit-packed by turns, as levels and indices are. No more
 * are made than are asked for, whatever the runs say.
 *
 * @param width - Bits of a number, 0 to 32.
 * @param count - How many there are.
 */
export function readHybrid(bytes: Uint8Array, width: number, count: number): Indices {
  if (width > 32) throw new Damage(`numbers have ${width} bits`);
  const numbers = allocate(width, count);
  // Without bits all numbers are 0, and there need be no runs.
  if (width === 0) return numbers;
  const reader = { bytes, at: 0 };
  for (let done = 0; done < count; ) {
    const header = readVarint(reader);
    const isPacked = header % 2 === 1;
    const length = Math.floor(header / 2) * (isPacked ? 8 : 1);
    if (length === 0) throw new Damage("a run is empty");
    const wanted = Math.min(length, count - done);
    if (isPacked) unpackBits(reader, width, numbers.subarray(done, done + wanted), length);
    else numbers.fill(readLittle(reader, Math.ceil(width / 8)), done, done + wanted);
    done += wanted;
  }
  return numbers;
}

interface ByteReader {
  readonly bytes: Uint8Array;
  at: number;
}

function allocate(width: number, count: number): Indices {
  if (width <= 8) return new Uint8Array(count);
  return width <= 16 ? new Uint16Array(count) : new Uint32Array(count);
}

function unpackBits(reader: ByteReader, width: number, numbers: Indices, length: number): void {
  const { bytes } = reader;
  const limit = 2 ** width;
  let held = 0;
  let bits = 0;
  let at = reader.at;
  for (let i = 0; i < numbers.length; i++) {
    while (bits < width) {
      if (at >= bytes.length) throw new Damage("a page ends inside of a run");
      held += bytes[at]! * 2 ** bits;
      at += 1;
      bits += 8;
    }
    numbers[i] = held % limit;
    held = Math.floor(held / limit);
    bits -= width;
  }
  reader.at += (length * width) / 8;
}

function readVarint(reader: ByteReader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readLittle(reader, 1);
    value += (byte % 128) * 2 ** shift;
    if (byte < 128) return value;
  }
  throw new Damage("a run is too long");
}

function readLittle(reader: ByteReader, size: number): number {
  if (reader.at + size > reader.bytes.length) throw new Damage("a page ends inside of a run");
  let value = 0;
  for (let i = 0; i < size; i++) value += reader.bytes[reader.at + i]! * 2 ** (8 * i);
  reader.at += size;
  return value;
}
