import { describe, expect, it } from "vitest";
import {
  classes,
  convolutional,
  expectClose,
  floats,
  openEngine,
  sourceOf,
} from "../../../test/training-networks.js";
import { type Feeds, feedsOf } from "../../runtime/feeds.js";

const images = (count: number, seed = 3): Feeds =>
  feedsOf({ pixels: floats(seed, count, 2, 6, 6), targets: classes(seed, count) });

describe("a batch normalisation", () => {
  const trainable = ["one.normalized", "two.normalized"];

  it("that is trained moves its running statistics as PyTorch does", async () => {
    const engine = await openEngine(sourceOf(convolutional(), [""], trainable));
    const before = await engine.state();
    const batch = images(4);
    // The first normalisation sees the convolution of the pixels: computed here from scratch.
    const { mean, variance } = channelStatistics(
      convolve(batch.get("pixels")!.data as Float32Array, before.weights.get("one.weight")!, 4),
      4,
    );
    await engine.update([batch], 0);
    const { states } = await engine.state();
    const start = (name: string) => before.states.get(name)!;
    expectClose(
      states.get("one.norm.mean")!,
      mean.map((value, c) => 0.9 * start("one.norm.mean")[c]! + 0.1 * value),
    );
    expectClose(
      states.get("one.norm.variance")!,
      variance.map((value, c) => 0.9 * start("one.norm.variance")[c]! + 0.1 * value),
    );
  });

  it("that is trained normalises by its batch, and by what it has stored when it is evaluated", async () => {
    const engine = await openEngine(sourceOf(convolutional(), [""], trainable));
    const frozen = await openEngine(sourceOf(convolutional(), [""]));
    const batch = images(4);
    const stored = await frozen.evaluate(batch);
    expect((await engine.evaluate(batch)).predictions).toEqual(stored.predictions);
    const [{ predictions }] = (await engine.update([batch], 0)).batches as [typeof stored];
    expect(predictions).not.toEqual(stored.predictions);
  });

  it("that is frozen uses what is stored and moves nothing but its scale and shift", async () => {
    const engine = await openEngine(sourceOf(convolutional(), [""]));
    const batch = images(4);
    const expected = await engine.evaluate(batch);
    const [{ predictions, loss }] = (await engine.update([batch], 0.1)).batches as [
      typeof expected,
    ];
    expectClose(predictions.data as Float32Array, expected.predictions.data as Float32Array);
    expect(loss).toBeCloseTo(expected.loss, 6);
    expect((await engine.state()).states.size).toBe(0);
  });
});

/** A 3 x 3 convolution with zeros around, in double precision: [batch, filters, 6 · 6]. */
function convolve(pixels: Float32Array, kernel: Float32Array, batch: number): number[][][] {
  const at = (n: number, c: number, y: number, x: number): number =>
    y < 0 || x < 0 || y > 5 || x > 5 ? 0 : pixels[((n * 2 + c) * 6 + y) * 6 + x]!;
  return Array.from({ length: batch }, (_, n) =>
    Array.from({ length: 4 }, (_, f) =>
      Array.from({ length: 36 }, (_, place) => {
        let sum = 0;
        for (let tap = 0; tap < 18; tap++) {
          const [c, ky, kx] = [Math.floor(tap / 9), Math.floor(tap / 3) % 3, tap % 3];
          const [y, x] = [Math.floor(place / 6) + ky - 1, (place % 6) + kx - 1];
          sum += kernel[f * 18 + tap]! * at(n, c, y, x);
        }
        return sum;
      }),
    ),
  );
}

/** Mean and unbiased variance of each channel. */
function channelStatistics(
  values: number[][][],
  channels: number,
): { mean: number[]; variance: number[] } {
  const all = Array.from({ length: channels }, (_, c) => values.flatMap((row) => row[c]!));
  const mean = all.map((list) => list.reduce((a, b) => a + b) / list.length);
  const variance = all.map(
    (list, c) => list.reduce((sum, v) => sum + (v - mean[c]!) ** 2, 0) / (list.length - 1),
  );
  return { mean, variance };
}
