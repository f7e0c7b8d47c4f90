import type { Input, Modality, UnlabelledExample } from "@engraft/core";
import { DataError, type DataProblem } from "@engraft/core/errors";
import type { ReadContext } from "../context.js";
import { imageInput, imageProblem, isImage } from "../images/image-file.js";
import type { NamedFile } from "../source/source.js";
import { isTextFile, readTextFile, TEXT_EXTENSION } from "../text/text-file.js";

/** One text or image that was found, with a label where labels are asked for. */
interface Item<L extends string | undefined = undefined> {
  /** Where it came from: `mails.csv:12`, `ants/0013035.jpg`. */
  readonly source: string;
  readonly input: Input;
  readonly label: L;
}

/** A row that cannot be used, or not as it was to be. */
export interface RowProblem extends DataProblem {
  /** What can be read of it, where nothing but its label is missing. */
  readonly unlabelled?: UnlabelledExample | undefined;
}

/** What becomes of one row or file. */
export type Outcome<L extends string | undefined = undefined> = Item<L> | RowProblem;

/** How many files are looked at at the same time. */
export const FILES_AT_ONCE = 8;

/** Whether a row or file cannot be used. */
export function isProblem(outcome: Outcome<string | undefined>): outcome is RowProblem {
  return "what" in outcome;
}

/** What some files are: texts, where more of them are texts than images. */
export function mostCommonModality(names: readonly string[]): Modality {
  return names.filter(isTextFile).length > names.filter(isImage).length ? "text" : "image";
}

/** Reads a file that is one text or one image. */
export async function readMediaFile(
  file: NamedFile,
  modality: Modality,
  context: ReadContext,
): Promise<Outcome> {
  const { source, name: where } = file;
  const item = (input: Input): Item => ({ source: where, input, label: undefined });
  if (modality === "image") {
    const what = await imageProblem(source, where, context);
    return what === undefined ? item(imageInput(source, where)) : { where, what };
  }
  if (!isTextFile(source.name)) {
    return { where, what: `is not a text by its extension; expected ${TEXT_EXTENSION}` };
  }
  try {
    const text = await readTextFile(file, context.maxTextBytes);
    if ("problem" in text) return { where, what: text.problem };
    return item({ kind: "text", text: text.value });
  } catch (error) {
    if (error instanceof DataError && error.problems[0]) return error.problems[0];
    throw error;
  }
}
