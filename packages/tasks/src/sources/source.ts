import type { DataProblem } from "@engraft/core";
import type { DataSource, InputOptions, NamedInput, ReadOptions } from "@engraft/data";

/** An image: the content of its file, or its place. */
export type ImageSource = Uint8Array | string;

/**
 * Something to predict: a text, or for tasks on images the content or place of an image; or an input
 * that was read before, or the problem that was found instead of one.
 */
export type UnlabelledRow = string | Uint8Array | NamedInput | DataProblem;

/** Unlabelled data: its place, or inputs. */
export type UnlabelledSource = string | Iterable<UnlabelledRow> | AsyncIterable<UnlabelledRow>;

/** How labelled data is read. */
export interface ReadDatasetOptions extends ReadOptions {
  readonly purpose: NonNullable<ReadOptions["purpose"]>;
}

/** How unlabelled data is read at a place. */
export type ReadInputsOptions = Omit<InputOptions, "onSkip">;

export type { DataSource, NamedInput };
