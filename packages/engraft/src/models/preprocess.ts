import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type InputPreparation, parsePreprocessing, UsageError } from "@engraft/core";
import { decodeModel } from "@engraft/onnx";

/**
 * How raw inputs become those of an ONNX file: `imagenet` (torchvision's: the shorter side to 256,
 * the centre of 224, ImageNet's mean and deviation), or the path of a JSON file that says so in the
 * words of a base's `preprocessing`.
 *
 * @throws UsageError when there is no such preset or file, or its content is not valid.
 */
export async function readPreparation(asked: string, model: Uint8Array): Promise<InputPreparation> {
  const { inputs } = decodeModel(model).graph;
  const names = inputs.map(({ name }) => name);
  if (asked === "imagenet") {
    return { inputs: { pixels: names[0] }, preprocessing: IMAGENET, tokenizer: undefined };
  }
  const bytes = await readFile(asked).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(
      `"${asked}" is neither a kind of preprocessing that is known (imagenet) nor a JSON file ` +
        `(${cause.code ?? cause.message}).`,
      { cause },
    );
  });
  const preprocessing = parsePreprocessing(bytes, asked);
  if (preprocessing.kind === "image") {
    return { inputs: { pixels: names[0] }, preprocessing, tokenizer: undefined };
  }
  const path = join(dirname(asked), preprocessing.tokenizer);
  const tokenizer: unknown = JSON.parse(
    await readFile(path, "utf8").catch((cause: unknown) => {
      throw new UsageError(`The tokenizer ${path} that ${asked} names cannot be read.`, { cause });
    }),
  );
  return { inputs: textInputs(names), preprocessing, tokenizer };
}

const IMAGENET: InputPreparation["preprocessing"] = {
  kind: "image",
  resize: { mode: "shorter-side", size: 256, filter: "bilinear" },
  centerCrop: 224,
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
  layout: "nchw",
};

/** Exports of transformers call their inputs so. */
function textInputs(names: readonly string[]): InputPreparation["inputs"] {
  const find = (...wanted: string[]): string | undefined =>
    names.find((name) => wanted.includes(name));
  return {
    ids: find("input_ids", "ids") ?? names[0],
    mask: find("attention_mask", "mask"),
    types: find("token_type_ids", "types"),
  };
}
