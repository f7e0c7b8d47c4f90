import type { BaseModel, BaseSpec } from "@engraft/core";
import { HEAD, LONGEST_RUN, MOST_SEGMENTED, type Tokenization } from "@engraft/core/internal";
import { type Model, printType } from "@engraft/onnx";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { VOCABULARY_FILE } from "../format/manifest/task-files.js";

/** File names inside an export. Tokenizer and vocabulary are there where the model needs them. */
export const EXPORT_FILES: Readonly<
  Record<"model" | "labels" | "readme" | "tokenizer" | "vocabulary", string>
> = {
  model: "model.onnx",
  labels: "labels.json",
  readme: "README.md",
  tokenizer: "tokenizer.json",
  vocabulary: VOCABULARY_FILE,
};

/** The second output of every exported model: float32 [batch, labels]. */
export const PROBABILITIES = "probabilities";

const BASE_ROLES = ["ids", "mask", "types", "pixels"] as const;

/** What an input of an exported model holds. */
export type InputRole = (typeof BASE_ROLES)[number] | "words";

export interface ExportedInput {
  readonly name: string;
  readonly role: InputRole;
  /** `int64[batch, length]` */
  readonly type: string;
}

/** What can be said about an exported model. */
export interface ExportDescription {
  readonly manifest: TaskManifest;
  readonly base: BaseModel;
  readonly inputs: readonly ExportedInput[];
  /** How texts are taken apart into words, where the model reads words. */
  readonly tokenization: Tokenization | undefined;
  readonly int8: boolean;
  /** Version of Engraft. */
  readonly version: string;
}

/** What the outputs of an exported model are, by name. */
export const OUTPUT_MEANINGS: Readonly<Record<string, string>> = {
  [HEAD.output]: "natural logarithms of the probabilities, in the order of the labels",
  [PROBABILITIES]: "probability of each label; each row adds up to 1",
};

/** What an input of an exported model is. */
export function inputMeaning(
  role: InputRole,
  { tokenization }: Pick<ExportDescription, "tokenization">,
): string {
  if (role !== "words" || !tokenization?.segmented) return INPUT_MEANINGS[role];
  return (
    `${INPUT_MEANINGS.words}; runs of scripts that put no spaces between words are cut first, at the ` +
    `word boundaries of ICU, at most ${LONGEST_RUN} characters at once, and after ` +
    `${MOST_SEGMENTED} of them every character is a term`
  );
}

const INPUT_MEANINGS: Readonly<Record<InputRole, string>> = {
  ids:
    "token ids of the texts by tokenizer.json, special tokens included, cut to maxTokens, " +
    "padded on the right with padTokenId",
  mask: "1 for a token, 0 for padding",
  types: "0 everywhere",
  pixels:
    "upright RGB images of 8 bits, resized, cropped at the centre, " +
    "then (pixel - mean) / std by channel",
  words:
    "TF-IDF of the words: the terms of a text are the matches of \\w+|[^\\w\\s] (Unicode) in its " +
    "lower-case form; a term of vocabulary.json that occurs n times counts (1 + ln n) * idf, " +
    "others do not count; each row is divided by its Euclidean length",
};

/** The inputs of a model by what they hold; what the base does not list is what the head adds. */
export function inputsOf({ graph }: Model, spec: BaseSpec): ExportedInput[] {
  return graph.inputs.map(({ name, type }) => ({
    name,
    role: BASE_ROLES.find((role) => spec.inputs[role] === name) ?? "words",
    type: printType(type),
  }));
}

/** The `metadata_props` of an exported model; what is not a plain word or number is JSON. */
export function exportMetadata({
  manifest,
  inputs,
  tokenization,
  int8,
  version,
}: ExportDescription): Map<string, string> {
  const meanings = inputs.map(({ name, role }) => [name, inputMeaning(role, { tokenization })]);
  return new Map([
    ["engraft.version", version],
    ["engraft.modality", manifest.modality],
    ["engraft.labels", JSON.stringify(manifest.labels)],
    ["engraft.inputs", JSON.stringify(Object.fromEntries(meanings))],
    ["engraft.outputs", JSON.stringify(OUTPUT_MEANINGS)],
    ["engraft.preprocessing", JSON.stringify(preprocessingOf(manifest))],
    ["engraft.base", JSON.stringify(manifest.base)],
    ["engraft.weights", int8 ? "int8" : "float"],
  ]);
}

/** The preprocessing with the name that the tokenizer has in the export. */
function preprocessingOf({ preprocessing }: TaskManifest): TaskManifest["preprocessing"] {
  return preprocessing.kind === "text"
    ? { ...preprocessing, tokenizer: EXPORT_FILES.tokenizer }
    : preprocessing;
}
