import { type Preprocessing, parsePreprocessing, UsageError } from "@engraft/core";
import { parseJson } from "@engraft/core/predict";
import type { HostFiles } from "../host.js";
import type { UnreadableFile } from "../storage-errors.js";

/** A preprocessing that was asked for, with what it needs. */
export interface ReadPreprocessing {
  readonly preprocessing: Preprocessing;
  /** Content of the tokenizer's file, for texts. */
  readonly tokenizerFile: Uint8Array | undefined;
}

/**
 * Reads how raw inputs become those of an ONNX file: `imagenet` (torchvision's: the shorter side to
 * 256, the centre of 224, ImageNet's mean and deviation), or the place of a JSON file that says so
 * in the words of a base's `preprocessing`.
 *
 * @throws UsageError when there is no such preset or file, or its content is not valid.
 */
export async function readPreprocessing(
  asked: string,
  files: Pick<HostFiles, "read" | "beside">,
): Promise<ReadPreprocessing> {
  if (asked === "imagenet") return { preprocessing: IMAGENET, tokenizerFile: undefined };
  const bytes = await files.read(asked).catch((cause: UnreadableFile) => {
    throw new UsageError(
      `"${asked}" is neither a kind of preprocessing that is known (imagenet) nor a JSON file: ` +
        `${cause.message}.`,
      { cause },
    );
  });
  const preprocessing = parsePreprocessing(bytes, asked);
  if (preprocessing.kind === "image") return { preprocessing, tokenizerFile: undefined };
  const place = files.beside(asked, preprocessing.tokenizer);
  const tokenizerFile = await files.read(place).catch((cause: UnreadableFile) => {
    throw new UsageError(
      `The tokenizer ${place} that ${asked} names cannot be read: ${cause.message}.`,
      { cause },
    );
  });
  return { preprocessing, tokenizerFile };
}

/**
 * Content of a tokenizer's file.
 *
 * @throws UsageError when it is not JSON.
 */
export function parseTokenizer(file: Uint8Array | undefined): unknown {
  if (file === undefined) return undefined;
  return parseJson(file, (cause) => {
    const message = "The tokenizer's file is not JSON. Give a tokenizer.json of Hugging Face.";
    return new UsageError(message, { cause });
  });
}

const IMAGENET: Preprocessing = {
  kind: "image",
  resize: { mode: "shorter-side", size: 256, filter: "bilinear" },
  centerCrop: 224,
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
  layout: "nchw",
};
