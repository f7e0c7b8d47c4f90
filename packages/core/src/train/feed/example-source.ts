import { elementCount, type Tensor } from "@engraft/onnx";
import type { Augmentation, ImageChanges } from "../../augment/config.js";
import type { Input } from "../../dataset/dataset.js";
import { DataError } from "../../errors.js";
import { batchByLength, chunk, IMAGES_PER_BATCH } from "../../features/batches.js";
import { stackPixels } from "../../features/image-pass.js";
import { textFeeds } from "../../features/text-pass.js";
import { type Truncation, TruncationCounter } from "../../features/truncation.js";
import type { InputPreparation } from "../../model/edit/preparation.js";
import type { Platform } from "../../platform.js";
import type { ImagePreprocessing, TextPreprocessing } from "../../preprocess/spec.js";
import { createTextTokenizer, padBatch } from "../../preprocess/text/text.js";
import type { Feeds } from "../../runtime/feeds.js";

/** Examples as the model reads them, by position. */
export interface ExampleSource {
  readonly count: number;
  /** Whether an example may look different in every epoch, as augmented images do. */
  readonly varies: boolean;
  /** Inputs of the model for some examples, in the order of the positions. */
  read(positions: readonly number[], epoch: number): Promise<Feeds>;
  /** All positions in groups that can be batched without padding. */
  groups(): number[][];
  /** Tokens of each text; undefined where all examples are of one size. */
  readonly lengths?: readonly number[] | undefined;
  /** What the model does not read of the texts; undefined where the examples are no texts. */
  readonly truncation?: Truncation | undefined;
  /** The same examples with random changes. Only images of a data set can be changed. */
  augmented?(augmentation: Augmentation, seed: number): ExampleSource;
}

/** Examples of a data set. Texts are tokenised once; images are decoded when they are read. */
export function datasetSource(
  inputs: readonly Input[],
  preparation: InputPreparation,
  platform: Pick<Platform, "prepareImage">,
): ExampleSource {
  const { preprocessing } = preparation;
  return preprocessing.kind === "text"
    ? textSource(inputs, preparation, preprocessing)
    : imageSource(inputs, preparation, preprocessing, platform);
}

function textSource(
  inputs: readonly Input[],
  preparation: InputPreparation,
  preprocessing: TextPreprocessing,
): ExampleSource {
  const tokenizer = createTextTokenizer(preparation.tokenizer(), preprocessing);
  const counter = new TruncationCounter();
  const rows = inputs.map((input) => {
    if (input.kind !== "text") throw wrongModality("texts", "images");
    const { ids, ...length } = tokenizer.read(input.text);
    counter.add(input.text, length);
    return ids;
  });
  const lengths = rows.map((row) => row.length);
  return {
    count: rows.length,
    varies: false,
    lengths,
    truncation: counter.total,
    async read(positions) {
      const chosen = positions.map((position) => rows[position]!);
      const { padTokenId, padTo } = preprocessing;
      return textFeeds(preparation.inputs, padBatch(chosen, padTokenId, padTo));
    },
    groups: () => batchByLength(lengths),
  };
}

function imageSource(
  inputs: readonly Input[],
  preparation: InputPreparation,
  preprocessing: ImagePreprocessing,
  platform: Pick<Platform, "prepareImage">,
): ExampleSource {
  const name = preparation.inputs.pixels ?? "pixels";
  const readChanged = async (
    positions: readonly number[],
    changesOf: (example: number) => ImageChanges | undefined,
  ): Promise<Feeds> => {
    const images = await Promise.all(
      positions.map(async (position) => {
        const input = inputs[position]!;
        if (input.kind !== "image") throw wrongModality("images", "texts");
        return platform.prepareImage(await input.read(), preprocessing, {
          changes: changesOf(position),
        });
      }),
    );
    return new Map([[name, stackPixels(images, preprocessing)]]);
  };
  const source: ExampleSource = {
    count: inputs.length,
    varies: false,
    read: (positions) => readChanged(positions, () => undefined),
    groups: () => chunk([...inputs.keys()], IMAGES_PER_BATCH),
    augmented: (augmentation, seed) => ({
      ...source,
      varies: true,
      read: (positions, epoch) =>
        readChanged(positions, (example) => ({ augmentation, seed, epoch, example })),
    }),
  };
  return source;
}

/**
 * Examples that are tensors already: the first axis of each counts the examples.
 *
 * @param group - Examples that are run together.
 */
export function tensorSource(inputs: Feeds, group: number = IMAGES_PER_BATCH): ExampleSource {
  const [first] = inputs.values();
  const count = first?.dims[0] ?? 0;
  return {
    count,
    varies: false,
    async read(positions) {
      return new Map(Array.from(inputs, ([name, tensor]) => [name, takeRows(tensor, positions)]));
    },
    groups: () => chunk([...Array(count).keys()], group),
  };
}

/** Rows of a tensor along its first axis. */
export function takeRows(tensor: Tensor, rows: readonly number[]): Tensor {
  const [, ...rest] = tensor.dims;
  const size = elementCount(rest);
  const source = tensor.data as Float32Array;
  const data = new (source.constructor as Float32ArrayConstructor)(rows.length * size);
  rows.forEach((row, index) => {
    data.set(source.subarray(row * size, (row + 1) * size), index * size);
  });
  return { ...tensor, dims: [rows.length, ...rest], data } as Tensor;
}

function wrongModality(wanted: string, found: string): DataError {
  return new DataError("data/invalid", `The model reads ${wanted}, and the data has ${found}.`);
}
