import { expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { addScaled, dot, scale } from "./vector.js";
import { addScaledThenDot64, dot64, scale64 } from "./vector64.js";

/** Lengths with and without a rest beside the unrolled part. */
it.each([0, 1, 3, 4, 7, 64, 1021])("gives the bits of the general loops: length %i", (length) => {
  const random = createRandom(length + 1);
  const draw = () => Float64Array.from({ length }, () => random.normal());
  const [x, y, z] = [draw(), draw(), draw()];
  expect(dot64(x, y)).toBe(dot(x, y));

  const [fused, apart] = [y.slice(), y.slice()];
  const product = addScaledThenDot64(fused, 0.37, x, z);
  addScaled(apart, 0.37, x);
  expect(fused).toEqual(apart);
  expect(product).toBe(dot(apart, z));

  scale64(fused, -1.3);
  scale(apart, -1.3);
  expect(fused).toEqual(apart);
});
