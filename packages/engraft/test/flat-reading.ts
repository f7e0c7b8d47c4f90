import type { DataProblem, Dataset, Modality } from "@engraft/core";
import {
  type LimitOptions,
  type NamedInput,
  relabelledFile as relabelledSource,
} from "@engraft/data";
import * as home from "../src/host/data/data-home.js";
import { DiskFile } from "../src/host/files/disk.js";

export type { NamedInput };

/* Readers whose options name columns without a level of their own: shorter in tests. */

/** How data is read: where in its files the examples are, and the largest that are accepted. */
export interface DataOptions extends LimitOptions {
  /** Column that holds the text. */
  readonly text?: string | undefined;
  /** Column that holds the path of an image, relative to `imageFolder`. */
  readonly image?: string | undefined;
  /** Column that holds the label. */
  readonly label?: string | undefined;
  readonly imageFolder?: string | undefined;
  readonly formerFolder?: string | undefined;
  readonly header?: boolean | undefined;
}

export interface ReadOptions extends DataOptions {
  readonly purpose?: "train" | "extend" | "evaluate" | undefined;
  readonly skipBad?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface InputOptions extends DataOptions {
  readonly modality?: Modality;
  readonly labels?: boolean;
  readonly onSkip?: ((problem: DataProblem) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export function readDataset(
  path: string,
  { text, image, label, ...options }: ReadOptions = {},
): Promise<Dataset> {
  return home.readDataset(path, { ...options, columns: { text, image, label } });
}

export function readInputs(
  given: readonly string[] | AsyncIterable<Uint8Array>,
  { text, image, label, ...options }: InputOptions,
): AsyncGenerator<NamedInput> {
  return home.readInputs(given, { ...options, columns: { text, image, label } });
}

/** A copy of a data file with some labels changed, by the position of their record. */
export function relabelledFile(
  path: string,
  labels: ReadonlyMap<number, string>,
  { text, image, label, header, imageFolder }: DataOptions,
): Promise<Uint8Array> {
  const columns = { text, image, label };
  return relabelledSource(new DiskFile(path), labels, { columns, header, imageFolder });
}
