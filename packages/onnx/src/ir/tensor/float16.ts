/**
 * Exact conversion between float32 and the two 16-bit float formats, on whole arrays of bit
 * patterns. Narrowing rounds to nearest, ties to even, as IEEE 754 and ONNX `Cast` do.
 */

const SUBNORMAL_SCALE = 2 ** 24;
/** Adding and subtracting this rounds a smaller double to the nearest integer, ties to even. */
const ROUND_TO_INTEGER = 2 ** 52;

let wideBits: Uint32Array | undefined;

/** float32 bit pattern of every float16 bit pattern. Built on first use (256 KB). */
function float16Table(): Uint32Array {
  if (wideBits !== undefined) return wideBits;
  const table = new Uint32Array(0x10000);
  const subnormal = new Float32Array(1);
  const subnormalBits = new Uint32Array(subnormal.buffer);
  for (let half = 0; half < 0x8000; half++) {
    const exponent = half >>> 10;
    let bits: number;
    if (exponent === 0) {
      subnormal[0] = half / SUBNORMAL_SCALE;
      bits = subnormalBits[0]!;
    } else if (exponent === 31) {
      bits = 0x7f800000 | ((half & 0x3ff) << 13);
    } else {
      bits = (half << 13) + 0x38000000;
    }
    table[half] = bits;
    table[half | 0x8000] = bits | 0x80000000;
  }
  wideBits = table;
  return table;
}

/** Widens float16 bit patterns. Exact, including subnormals, infinities and NaN payloads. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const table = float16Table();
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = table[halves[i]!]!;
  return new Float32Array(bits.buffer);
}

/**
 * Rounds to float16 bit patterns. Magnitudes of 65520 and above become infinity; NaN stays NaN.
 */
export function float32ToFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const magnitude = bits[i]! & 0x7fffffff;
    let half: number;
    if (magnitude >= 0x47800000) {
      half = magnitude > 0x7f800000 ? 0x7e00 | ((magnitude >>> 13) & 0x3ff) : 0x7c00;
    } else if (magnitude >= 0x38800000) {
      half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    } else {
      half = Math.abs(values[i]!) * SUBNORMAL_SCALE + ROUND_TO_INTEGER - ROUND_TO_INTEGER;
    }
    halves[i] = sign | half;
  }
  return halves;
}

/** Widens bfloat16 bit patterns. Exact. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** Rounds to bfloat16 bit patterns. NaN stays NaN. */
export function float32ToBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    const nan = (value & 0x7fffffff) > 0x7f800000;
    halves[i] = nan ? (value >>> 16) | 0x40 : (value + 0x7fff + ((value >>> 16) & 1)) >>> 16;
  }
  return halves;
}
