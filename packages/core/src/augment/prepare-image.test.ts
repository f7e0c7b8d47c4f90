import { describe, expect, it } from "vitest";
import { DataError } from "../errors.js";
import { preprocessImage } from "../preprocess/image/chain.js";
import { orient } from "../preprocess/image/geometry.js";
import { colorHistogram } from "../preprocess/image/histogram.js";
import type { ImagePreprocessing } from "../preprocess/spec.js";
import { augmentationRandom, augmentImage } from "./augment.js";
import { augmentationPresets } from "./config.js";
import { type DecodeImage, prepareImage } from "./prepare-image.js";

const spec: ImagePreprocessing = {
  kind: "image",
  resize: { mode: "exact", size: 4, filter: "bilinear" },
  mean: [100, 110, 120],
  std: [50, 60, 70],
  layout: "nchw",
};
const data = Uint8Array.from({ length: 3 * 6 * 5 }, (_, i) => (i * 97) % 256);
const stored = { width: 6, height: 5, data };
const decode: DecodeImage = async () => stored;

/** A TIFF header whose only tag is the orientation. */
function fileOf(orientation: number): Uint8Array {
  const file = new Uint8Array(26);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x49_49_2a_00);
  view.setUint32(4, 8, true);
  view.setUint16(8, 1, true);
  for (const [at, value] of [
    [10, 0x01_12],
    [12, 3],
    [14, 1],
    [18, orientation],
  ] as const) {
    view.setUint16(at, value, true);
  }
  return file;
}

describe("prepareImage", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "turns an image of orientation %i upright, once",
    async (tag) => {
      const upright = orient(stored, tag);
      expect(await prepareImage(fileOf(tag), spec, decode)).toEqual({
        pixels: preprocessImage(upright, spec),
        colorHistogram: colorHistogram(upright),
      });
    },
  );

  it("changes an image as it is told, and not its histogram", async () => {
    const changes = { augmentation: augmentationPresets.strong, seed: 3, epoch: 1, example: 2 };
    const upright = orient(stored, 6);
    const random = augmentationRandom(changes);
    expect(await prepareImage(fileOf(6), spec, decode, { changes })).toEqual({
      pixels: augmentImage(upright, spec, changes.augmentation, random),
      colorHistogram: colorHistogram(upright),
    });
  });

  it("throws what the decoder throws", async () => {
    const broken: DecodeImage = async () => {
      throw new DataError("data/unreadable", "the image is cut off");
    };
    await expect(prepareImage(fileOf(1), spec, broken)).rejects.toThrow("cut off");
  });

  it("stops before and after decoding when its signal is aborted", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const aborting: DecodeImage = async () => {
      controller.abort(new Error("enough"));
      return stored;
    };
    await expect(prepareImage(fileOf(1), spec, aborting, { signal })).rejects.toThrow("enough");
    const undecoded: DecodeImage = () => expect.fail("it was decoded");
    await expect(prepareImage(fileOf(1), spec, undecoded, { signal })).rejects.toThrow("enough");
  });
});
