/**
 * ONNX packs two 4-bit integers into a byte, the first in the low half; the IR keeps one per byte.
 */

/** Unpacks `count` unsigned 4-bit integers. */
export function unpackUint4(packed: ArrayLike<number>, count: number): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = (packed[i >>> 1]! >>> ((i & 1) * 4)) & 0xf;
  return values;
}

/** Unpacks `count` signed 4-bit integers. */
export function unpackInt4(packed: ArrayLike<number>, count: number): Int8Array<ArrayBuffer> {
  const values = new Int8Array(unpackUint4(packed, count).buffer);
  for (let i = 0; i < count; i++) values[i] = (values[i]! << 28) >> 28;
  return values;
}

/** Packs signed or unsigned 4-bit integers; an odd count leaves the last high half zero. */
export function pack4(values: Int8Array | Uint8Array): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array((values.length + 1) >>> 1);
  for (let i = 0; i < values.length; i++) packed[i >>> 1]! |= (values[i]! & 0xf) << ((i & 1) * 4);
  return packed;
}
