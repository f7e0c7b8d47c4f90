import { printType, type ValueInfo } from "@engraft/onnx";
import type { BaseSpec } from "../../bases/spec.js";
import { UsageError } from "../../errors.js";
import { imagePreprocessedSize } from "../../preprocess/image/chain.js";
import type {
  ImagePreprocessing,
  Preprocessing,
  TextPreprocessing,
} from "../../preprocess/spec.js";

/** How raw inputs become the inputs of a model: as its base was trained. */
export interface InputPreparation {
  readonly inputs: BaseSpec["inputs"];
  readonly preprocessing: Preprocessing;
  /** Gives the content of `tokenizer.json`, for models of texts. */
  readonly tokenizer: () => unknown;
}

/**
 * Finds out which input of a model is which: images are its only input; token ids, mask and segment
 * ids have the names that exports of transformers give them.
 *
 * @throws UsageError when the model has other inputs, or sizes that the preprocessing does not give.
 */
export function preparationFor(
  inputs: readonly ValueInfo[],
  preprocessing: Preprocessing,
  tokenizer: () => unknown,
): InputPreparation {
  return preprocessing.kind === "image"
    ? forImages(inputs, preprocessing)
    : forTexts(inputs, preprocessing, tokenizer);
}

function forImages(
  inputs: readonly ValueInfo[],
  preprocessing: ImagePreprocessing,
): InputPreparation {
  const [input] = inputs;
  const { width, height } = imagePreprocessedSize(preprocessing);
  const given = preprocessing.layout === "nchw" ? [3, height, width] : [height, width, 3];
  const sizes = input?.type.shape?.slice(1) ?? given;
  const fits =
    sizes.length === 3 && sizes.every((size, at) => typeof size !== "number" || size === given[at]);
  if (input === undefined || inputs.length > 1 || input.type.dtype !== "float32" || !fits) {
    throw new UsageError(
      `The preprocessing gives images as float32[batch, ${given.join(", ")}], and the model reads ` +
        `${describe(inputs)}. Give a preprocessing of this layout and size.`,
    );
  }
  return { inputs: { pixels: input.name }, preprocessing, tokenizer: () => undefined };
}

/** What the inputs of models of texts are called, by role. */
const TEXT_INPUTS = {
  ids: ["input_ids", "ids"],
  mask: ["attention_mask", "input_mask", "mask"],
  types: ["token_type_ids", "segment_ids", "types"],
} as const;

function forTexts(
  inputs: readonly ValueInfo[],
  preprocessing: TextPreprocessing,
  tokenizer: () => unknown,
): InputPreparation {
  const find = (role: keyof typeof TEXT_INPUTS): ValueInfo | undefined =>
    inputs.find(({ name }) => (TEXT_INPUTS[role] as readonly string[]).includes(name));
  const roles = { ids: find("ids"), mask: find("mask"), types: find("types") };
  const known = new Set(Object.values(roles));
  const fits = ({ type }: ValueInfo): boolean => type.dtype === "int64" && type.shape?.length === 2;
  if (roles.ids === undefined || !inputs.every((input) => known.has(input) && fits(input))) {
    throw new UsageError(
      `A model of texts reads input_ids and where it needs them attention_mask and token_type_ids, ` +
        `int64[batch, token] each; this one reads ${describe(inputs)}.`,
    );
  }
  const names = Object.entries(roles).map(([role, input]) => [role, input?.name]);
  return {
    inputs: Object.fromEntries(names),
    preprocessing: withFixedLength(preprocessing, roles.ids.type.shape?.[1]),
    tokenizer,
  };
}

/** Exports for one length only read texts that are cut and padded to it. */
function withFixedLength(preprocessing: TextPreprocessing, length: unknown): TextPreprocessing {
  if (typeof length !== "number") return preprocessing;
  const maxTokens = Math.min(preprocessing.maxTokens, length);
  return { ...preprocessing, maxTokens, positions: length, padTo: length };
}

function describe(inputs: readonly ValueInfo[]): string {
  return inputs.map(({ name, type }) => `${name} ${printType(type)}`).join(", ") || "nothing";
}
