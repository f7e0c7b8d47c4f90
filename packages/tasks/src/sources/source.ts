import type { DataProblem, Dataset, Input, SplitName } from "@engraft/core";
import type { DataOptions, RunOptions } from "./options.js";

/** The place of data: what the host can read. In Node the path of a file or folder. */
export type DataPlace = string;

/** An image: the content of its file, or its place. */
export type ImageSource = Uint8Array | string;

/** A labelled example as a record. */
export interface LabelledRecord {
  /** The text; of an image, `image` is given instead. */
  readonly text?: string | undefined;
  readonly image?: ImageSource | undefined;
  readonly label: string;
  /** Default `train`. */
  readonly split?: SplitName | undefined;
  /** What to call it in messages. Default: its number. */
  readonly source?: string | undefined;
}

/** A labelled example: a text, or the content of an image file, and its label; or a record. */
export type LabelledRow = readonly [input: string | Uint8Array, label: string] | LabelledRecord;

/** Labelled data: its place, a data set, or rows. */
export type DataSource = DataPlace | Dataset | Iterable<LabelledRow> | AsyncIterable<LabelledRow>;

/** A text or image, and what to call it in messages. */
export interface NamedInput {
  /** Where it came from: `mails.csv:12`, `new/1.jpg`. */
  readonly source: string;
  readonly input: Input;
}

/**
 * Something to predict: a text, or for tasks on images the content or place of an image; or an input
 * that was read before, or the problem that was found instead of one.
 */
export type UnlabelledRow = string | Uint8Array | NamedInput | DataProblem;

/** Unlabelled data: its place, or inputs. */
export type UnlabelledSource = DataPlace | Iterable<UnlabelledRow> | AsyncIterable<UnlabelledRow>;

/** How labelled data is read at a place. */
export interface ReadDatasetOptions extends DataOptions, Pick<RunOptions, "signal" | "onWarning"> {
  /**
   * What the data is for. To train, every label of the other splits must occur in `train`, with at
   * least two labels and two examples of each; to extend a task, there must be something in `train`;
   * to evaluate, one example is enough.
   */
  readonly purpose: "train" | "extend" | "evaluate";
  /** A place in which images are looked for that are not beside the data. Default: none. */
  readonly formerPlace?: string | undefined;
}

/** How unlabelled data is read at a place. */
export interface ReadInputsOptions extends Omit<ReadDatasetOptions, "purpose" | "skipBad"> {
  readonly modality: Input["kind"];
}
