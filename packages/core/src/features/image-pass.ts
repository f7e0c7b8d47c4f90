import type { Tensor } from "@engraft/onnx";
import type { BaseModel } from "../bases/base.js";
import { forEachConcurrent } from "../concurrency.js";
import type { Input } from "../dataset/dataset.js";
import { DataError } from "../errors.js";
import type { Platform, PreparedImage } from "../platform.js";
import { imagePreprocessedSize } from "../preprocess/image/chain.js";
import type { ImagePreprocessing } from "../preprocess/spec.js";
import type { Session } from "../runtime/runtime.js";
import { chunk, IMAGES_PER_BATCH } from "./batches.js";
import { FEATURES_OUTPUT } from "./graph.js";
import { batchesInFlight, type FeaturePass, type FeatureSink } from "./pass.js";

/**
 * Decodes and preprocesses images and runs the base on them in batches. While one batch runs, the
 * next is being decoded; no more than a few batches are in memory.
 */
export function imagePass(
  base: BaseModel,
  preprocessing: ImagePreprocessing,
  session: Promise<Session>,
  platform: Platform,
  withHistogram: boolean,
): FeaturePass {
  const inputName = base.spec.inputs.pixels ?? "pixels";
  return async (inputs, sink, signal) => {
    const runBatch = async (positions: number[]): Promise<void> => {
      const batch = await prepareBatch(inputs, positions, sink, (file) =>
        platform.prepareImage(file, preprocessing),
      );
      if (batch.length === 0) return;
      const images = batch.map(({ image }) => image);
      const feedsOf = (chosen: readonly PreparedImage[]) =>
        new Map([[inputName, stackPixels(chosen, preprocessing)]]);
      const outputs = await (await session).run(feedsOf(images));
      await sink.batch?.({
        positions: batch.map(({ position }) => position),
        outputs,
        feeds: (rows) => feedsOf(rows.map((row) => images[row]!)),
      });
      const features = outputs.get(FEATURES_OUTPUT)!.data as Float32Array;
      const width = features.length / batch.length;
      for (const [row, { position, image }] of batch.entries()) {
        const layers = features.subarray(row * width, (row + 1) * width);
        const extra = withHistogram ? image.colorHistogram : [];
        const vector = new Float32Array(width + extra.length);
        vector.set(layers);
        vector.set(extra, width);
        await sink.features(position, vector);
      }
    };
    const batches = chunk([...inputs.keys()], IMAGES_PER_BATCH);
    await forEachConcurrent(batches, batchesInFlight(platform), runBatch, signal);
  };
}

interface Prepared {
  readonly position: number;
  readonly image: PreparedImage;
}

/** Prepares the images of a batch at the same time; those that cannot be read drop out. */
async function prepareBatch(
  inputs: readonly Input[],
  positions: readonly number[],
  sink: FeatureSink,
  prepare: (file: Uint8Array) => Promise<PreparedImage>,
): Promise<Prepared[]> {
  const prepared = await Promise.all(
    positions.map(async (position) => {
      const input = inputs[position]!;
      if (input.kind !== "image") throw new Error("internal: a text was given to an image model");
      try {
        return { position, image: input.prepared ?? (await prepare(await input.read())) };
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        sink.unreadable(position, error);
        return undefined;
      }
    }),
  );
  return prepared.filter((item) => item !== undefined);
}

/** Images as one tensor in the layout that the base asks for. */
export function stackPixels(
  batch: readonly PreparedImage[],
  preprocessing: ImagePreprocessing,
): Tensor {
  const { width, height } = imagePreprocessedSize(preprocessing);
  const perImage = 3 * width * height;
  const data = new Float32Array(batch.length * perImage);
  for (const [row, { pixels }] of batch.entries()) data.set(pixels, row * perImage);
  const dims =
    preprocessing.layout === "nchw"
      ? [batch.length, 3, height, width]
      : [batch.length, height, width, 3];
  return { dtype: "float32", dims, data };
}
