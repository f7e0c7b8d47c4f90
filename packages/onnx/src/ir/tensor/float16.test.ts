import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./float16.js";

/** The two formats, described by the definition in IEEE 754 rather than by bit tricks. */
const formats = [
  { name: "float16", exponentBits: 5, widen: float16ToFloat32, narrow: float32ToFloat16 },
  { name: "bfloat16", exponentBits: 8, widen: bfloat16ToFloat32, narrow: float32ToBfloat16 },
] as const;

function definedValue(bits: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> fractionBits;
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** The bits of the nearest value by bisection over all non-negative ones; ties go to even bits. */
function nearestBits(value: number, exponentBits: number): number {
  const infinity = (2 ** exponentBits - 1) << (15 - exponentBits);
  const magnitude = Math.abs(value);
  let low = 0;
  let high = infinity;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (definedValue(middle, exponentBits) <= magnitude) low = middle;
    else high = middle;
  }
  const lower = definedValue(low, exponentBits);
  // Rounding treats infinity as the value that the next exponent would have.
  const step = lower - definedValue(low - 1, exponentBits);
  const upper = high === infinity ? lower + step : definedValue(high, exponentBits);
  const [down, up] = [magnitude - lower, upper - magnitude];
  const nearest = down < up || (down === up && low % 2 === 0) ? low : high;
  return nearest | (Object.is(value, -0) || value < 0 ? 0x8000 : 0);
}

describe.each(formats)("$name", ({ exponentBits, widen, narrow }) => {
  const everyBits = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

  it("widens every bit pattern to the value that it stands for", () => {
    expect(Array.from(widen(everyBits))).toEqual(
      Array.from(everyBits, (bits) => definedValue(bits, exponentBits)),
    );
  });

  it("returns to the same bits", () => {
    const widened = widen(everyBits);
    const back = narrow(widened);
    const changed = everyBits.filter((bits, i) => back[i] !== bits && !Number.isNaN(widened[i]!));
    expect(Array.from(changed)).toEqual([]);
    expect(widen(back).map(Number.isNaN as never)).toEqual(widened.map(Number.isNaN as never));
  });

  it("rounds any float32 to the nearest value, ties to even", () => {
    const float = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ min: -70000, max: 70000, noNaN: true }),
      fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4), noNaN: true }),
    );
    fc.assert(
      fc.property(float, (value) => {
        expect(narrow(Float32Array.of(value))[0]).toBe(nearestBits(value, exponentBits));
      }),
      { numRuns: 3000 },
    );
  });

  it("rounds the midpoint of every two neighbours to even", () => {
    const infinity = (2 ** exponentBits - 1) << (15 - exponentBits);
    const lower = everyBits.subarray(0, infinity - 1);
    const midpoints = Float32Array.from(lower, (bits) => {
      return (definedValue(bits, exponentBits) + definedValue(bits + 1, exponentBits)) / 2;
    });
    expect(narrow(midpoints)).toEqual(lower.map((bits) => (bits % 2 === 0 ? bits : bits + 1)));
  });
});

it("narrows views that start inside a buffer", () => {
  const values = Float32Array.of(9, 1, -2).subarray(1);
  expect(float32ToFloat16(values)).toEqual(Uint16Array.of(0x3c00, 0xc000));
  expect(float32ToBfloat16(values)).toEqual(Uint16Array.of(0x3f80, 0xc000));
});
