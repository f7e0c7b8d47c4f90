import type { Tensor } from "@engraft/onnx";
import type { BaseModel } from "../bases/base.js";
import type { BaseSpec } from "../bases/spec.js";
import { forEachConcurrent } from "../concurrency.js";
import type { Platform } from "../platform.js";
import type { TextPreprocessing } from "../preprocess/spec.js";
import { createTextTokenizer, padBatch, type TokenBatch } from "../preprocess/text/text.js";
import type { Feeds } from "../runtime/feeds.js";
import type { Session } from "../runtime/runtime.js";
import { batchByLength } from "./batches.js";
import { TEXT_LENGTH } from "./columns.js";
import { FEATURES_OUTPUT } from "./graph.js";
import { batchesInFlight, type FeaturePass } from "./pass.js";

/**
 * Tokenises texts, groups them by length and runs the base on each group.
 *
 * @param withLength - Whether how long a text is follows its layers.
 */
export function textPass(
  base: BaseModel,
  preprocessing: TextPreprocessing,
  session: Promise<Session>,
  platform: Platform,
  withLength: boolean,
): FeaturePass {
  const tokenizer = createTextTokenizer(base.tokenizer(), preprocessing);
  // The pass outlives the loading of the model, and must not keep its weights in memory.
  const { inputs: inputNames } = base.spec;
  return async (inputs, sink, signal) => {
    const texts = inputs.map((input) => {
      if (input.kind !== "text") throw new Error("internal: an image was given to a text model");
      return tokenizer.read(input.text);
    });
    const feedsOf = (positions: readonly number[]): Feeds => {
      const chosen = positions.map((position) => texts[position]!.ids);
      const { padTokenId, padTo } = preprocessing;
      return textFeeds(inputNames, padBatch(chosen, padTokenId, padTo));
    };
    const runBatch = async (positions: number[]): Promise<void> => {
      const outputs = await (await session).run(feedsOf(positions));
      const feeds = (wanted: readonly number[]) => feedsOf(wanted.map((row) => positions[row]!));
      await sink.batch?.({ positions, outputs, feeds });
      const { data } = outputs.get(FEATURES_OUTPUT)!;
      const features = data as Float32Array;
      const width = features.length / positions.length;
      for (const [row, position] of positions.entries()) {
        const layers = features.subarray(row * width, (row + 1) * width);
        const { read, tokens } = texts[position]!;
        const vector = new Float32Array(width + (withLength ? TEXT_LENGTH.width : 0));
        vector.set(layers);
        if (withLength) vector.set([read, tokens], width);
        await sink.features(position, vector);
      }
    };
    const batches = batchByLength(texts.map(({ ids }) => ids.length));
    await forEachConcurrent(batches, batchesInFlight(platform), runBatch, signal);
  };
}

/** Token ids, mask and segment ids under the names that a base gives them. */
export function textFeeds({ ids, mask, types }: BaseSpec["inputs"], batch: TokenBatch): Feeds {
  const dims = [batch.rows, batch.length];
  const feeds = new Map<string, Tensor>();
  if (ids) feeds.set(ids, { dtype: "int64", dims, data: batch.ids });
  if (mask) feeds.set(mask, { dtype: "int64", dims, data: batch.mask });
  const segments = new BigInt64Array(batch.ids.length);
  if (types) feeds.set(types, { dtype: "int64", dims, data: segments });
  return feeds;
}
